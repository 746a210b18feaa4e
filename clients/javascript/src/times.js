/** Spans of time, as people write them. */

/** @typedef {string} Span `"15m"`, `"1d2h3m"`, `"500ms"`: units d, h, m, s, ms, us, longest first. A number alone is seconds. */

/** @typedef {Date | string} Moment a `Date`, or `"2026-01-31T12:00:00Z"`. */

/** Units and their microseconds. @type {[string, number][]} */
const UNITS = [
  ["d", 86_400_000_000],
  ["h", 3_600_000_000],
  ["m", 60_000_000],
  ["s", 1_000_000],
  ["ms", 1_000],
  ["us", 1],
];

const SPAN = new RegExp(`^${UNITS.map(([unit]) => `(?:(\\d+(?:\\.\\d+)?)${unit}\\s*)?`).join("")}$`);

/**
 * Reads a span.
 * @param {Span} span
 * @returns {number} microseconds
 */
export function microsOf(span) {
  const text = span.trim();
  const numbers = /^\d+(\.\d+)?$/.test(text) ? [, , , text] : SPAN.exec(text)?.slice(1);
  if (!numbers?.some(Boolean)) {
    throw new TypeError(
      `${JSON.stringify(span)} is no span: write 25h, 90s or 1d2h3m (units d, h, m, s, ms, us, longest first)`,
    );
  }
  return Math.floor(UNITS.reduce((sum, [, micros], index) => sum + Number(numbers[index] ?? 0) * micros, 0));
}

/**
 * A moment as the control plane reads it.
 * @param {Moment} moment
 */
export function momentText(moment) {
  return moment instanceof Date ? moment.toISOString() : moment;
}
