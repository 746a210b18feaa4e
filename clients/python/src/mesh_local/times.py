"""Spans and moments, as people write them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Union

Span = Union[str, float, timedelta]
"""`"15m"`, `"1d2h3m"`, `"500ms"`; a number of seconds; a `timedelta`."""

Moment = Union[str, float, datetime]
"""`"2026-01-31T12:00:00Z"`; seconds since 1970; a `datetime` with a time zone."""

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

_PART = r"(?:(\d+(?:\.\d+)?)%s\s*)?"
_SPAN = re.compile("([-+]?)" + "".join(_PART % unit for unit in ["d", "h", "m", "s", "ms", "us"]))
_SECONDS = [86_400, 3_600, 60, 1, 0.001, 0.000_001]


def span(written: Span) -> timedelta:
    """Reads a span."""
    if isinstance(written, timedelta):
        return written
    if isinstance(written, (int, float)):
        return timedelta(seconds=written)
    text = written.strip()
    try:
        return timedelta(seconds=float(text))
    except ValueError:
        read = _SPAN.fullmatch(text)
    if read is None or not any(read.groups()[1:]):
        raise ValueError(
            f"{written!r} is no span: write 25h, 90s or 1d2h3m (units d, h, m, s, ms, us, longest first), "
            "a number of seconds, or a timedelta"
        )
    sign, *numbers = read.groups()
    parts = [timedelta(seconds=float(number) * unit) for number, unit in zip(numbers, _SECONDS) if number]
    total = sum(parts, timedelta())
    return -total if sign == "-" else total


def span_text(written: Span) -> str:
    """A span as the control plane reads it."""
    return f"{span(written) // timedelta(microseconds=1)}us"


def moment_text(written: Moment) -> str | float:
    """A moment as the control plane reads it."""
    if not isinstance(written, datetime):
        return written
    if written.tzinfo is None:
        raise ValueError(f"{written!r} has no time zone: give it one, datetime(..., tzinfo=timezone.utc)")
    return written.astimezone(timezone.utc).isoformat()


def moment_of(micros: int) -> datetime:
    """The moment so many microseconds after 1970 began."""
    return EPOCH + timedelta(microseconds=micros)
