"""The clock of a universe."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mesh_local.times import Moment, Span, moment_of, moment_text, span_text

if TYPE_CHECKING:
    from mesh_local.universe import Advanced, Universe


class Clock:
    """It runs with the machine's clock, or offset from it, or stands."""

    def __init__(self, universe: Universe) -> None:
        self._universe = universe

    def now(self) -> datetime:
        """The moment it is in the universe."""
        return moment_of(self._show()["micros"])

    @property
    def is_frozen(self) -> bool:
        """Whether it stands."""
        return bool(self._show()["mode"] == "frozen")

    def freeze(self, at: Moment | None = None) -> None:
        """Stops it where it is, or at a moment that is not before what has happened in the universe."""
        self._tell("freeze", {} if at is None else {"at": moment_text(at)})

    def resume(self) -> None:
        """Lets it run on from where it stands."""
        self._tell("resume")

    def set(self, at: Moment) -> None:
        """Goes to a moment, and runs or stands there as before. What falls due on the way is not run moment by moment:
        `advance` does that."""
        self._tell("set", {"at": moment_text(at)})

    def offset(self, by: Span) -> None:
        """Runs with the machine's clock, ahead of it by so much, or behind it by a negative span."""
        self._tell("offset", {"by": span_text(by)})

    def advance(self, by: Span) -> Advanced:
        """Goes forward, and runs all that falls due on the way, in order, each at its own moment. Returns when all of it
        has come to rest."""
        return self._universe.advance(by)

    @contextlib.contextmanager
    def frozen(self, at: Moment | None = None) -> Iterator[Clock]:
        """Stands within the block, and runs on after it."""
        self.freeze(at)
        try:
            yield self
        finally:
            self.resume()

    def _show(self) -> dict[str, Any]:
        shown: dict[str, Any] = self._universe.ask("GET", "/clock")
        return shown

    def _tell(self, what: str, body: dict[str, Any] | None = None) -> None:
        self._universe.ask("POST", f"/clock/{what}", body)
