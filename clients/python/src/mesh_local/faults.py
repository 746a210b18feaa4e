"""The fault rules of a universe."""

from __future__ import annotations

import urllib.parse
from datetime import datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any

from mesh_local.errors import Refused
from mesh_local.times import moment_text, span_text

if TYPE_CHECKING:
    from mesh_local.universe import Universe


class Fault:
    """A rule that was added. As a context manager it is taken away at the end of the block."""

    def __init__(self, faults: Faults, name: str) -> None:
        self._faults = faults
        self.name = name
        """Its name, in the record and in the header `x-mesh-fault` of what it struck."""

    @property
    def matches(self) -> int:
        """How many calls it meant."""
        return int(self._told()["matches"])

    @property
    def injected(self) -> int:
        """How many of them it struck."""
        return int(self._told()["injected"])

    def remove(self) -> None:
        """Takes it away."""
        self._faults.remove(self.name)

    def _told(self) -> dict[str, Any]:
        for rule in self._faults.list():
            if rule["name"] == self.name:
                return rule
        raise LookupError(f"the fault rule {self.name} has been taken away")

    def __enter__(self) -> Fault:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.remove()
        except Refused as refused:
            # The block itself may have cleared the rules.
            if refused.status != 404:
                raise


class Faults:
    """The fault rules of a universe, in the order in which they are asked."""

    def __init__(self, universe: Universe) -> None:
        self._universe = universe

    def add(self, **rule: Any) -> Fault:
        """Adds a rule behind those there are: `add(service="dynamodb", resource="orders", throttle="5/s")`.

        The members are those of a rule in a file; mesh-local's page on faults has them all. `from` is a word of Python's
        own: write `from_`.
        """
        written = {name.removesuffix("_"): _written(value) for name, value in rule.items()}
        told = self._universe.ask("POST", "/faults", written)
        return Fault(self, told["faults"][0]["name"])

    def list(self) -> list[dict[str, Any]]:
        """The rules, each with `matches` and `injected`: how many calls it meant, and how many it struck."""
        told: list[dict[str, Any]] = self._universe.ask("GET", "/faults")["faults"]
        return told

    def remove(self, name: str) -> None:
        """Takes one rule away."""
        self._universe.ask("DELETE", f"/faults/{urllib.parse.quote(name, safe='')}")

    def clear(self) -> None:
        """Takes all rules away."""
        self._universe.ask("DELETE", "/faults")


def _written(value: Any) -> Any:
    if isinstance(value, timedelta):
        return span_text(value)
    return moment_text(value) if isinstance(value, datetime) else value
