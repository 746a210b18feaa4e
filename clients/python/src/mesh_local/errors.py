"""What can go wrong, each with a sentence that says what to do."""

from __future__ import annotations

from typing import Any


class MeshError(Exception):
    """Any of them."""


class NotStarted(MeshError):
    """There is no mesh-local to be had."""


class Refused(MeshError):
    """The control plane refused, or could not do in time, what it was asked."""

    def __init__(self, status: int, sentence: str, details: dict[str, Any]) -> None:
        super().__init__(sentence)
        self.status = status
        """The status of the answer."""
        self.details = details
        """The whole answer: beside `error`, what helps to go on."""


class Unsettled(Refused):
    """A universe did not come to rest in time."""

    @property
    def pending(self) -> list[str]:
        """Deliveries and drivers that are under way."""
        return list(self.details.get("pending", []))

    @property
    def calls(self) -> list[dict[str, Any]]:
        """Requests that have not ended: service, operation, id, how long they have run."""
        return list(self.details.get("calls", []))


class WaitedInVain(MeshError, TimeoutError):
    """A condition did not come true."""
