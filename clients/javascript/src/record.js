/** The record, for people. */

/**
 * An entry in one line.
 * @param {Record<string, any>} entry
 */
export function line(entry) {
  return [entry.arrived_at ?? entry.at, ...words(entry)].filter((word) => word !== undefined).join("  ");
}

/**
 * @param {Record<string, any>} entry
 * @returns {unknown[]}
 */
function words(entry) {
  switch (entry.kind) {
    case "call":
      return [entry.status, entry.service, entry.operation, entry.request_id, entry.error];
    case "delivery":
      return ["delivery to", entry.to, entry.outcome.result, entry.id];
    case "fault":
      return ["fault", entry.rule, entry.effect, "on", entry.service, entry.operation];
    default:
      return [entry.kind, entry.what, entry.error];
  }
}
