"""A universe: a whole state of its own, that can be forked."""

from __future__ import annotations

import os
import re
import time
import urllib.parse
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, TypeVar

from mesh_local.clock import Clock
from mesh_local.control import Control
from mesh_local.errors import Refused, Unsettled, WaitedInVain
from mesh_local.faults import Faults
from mesh_local.times import Span, moment_of, span, span_text

T = TypeVar("T")

_REGION = "us-east-1"
_LONGEST_PAUSE = 0.25
"""Seconds between two looks at a condition, at most."""
_MARGIN = 15.0
"""Seconds by which an answer may come later than the wait that it tells of."""


@dataclass(frozen=True)
class Advanced:
    """What an advance or a settle ran."""

    now: datetime
    """Where the universe has arrived."""
    timers: int
    """How many waits ended."""
    ran: list[dict[str, Any]]
    """Deliveries, and what they and deadlines caused: the first hundred, as the record tells them."""
    ran_in_all: int
    """How many there were."""


class Universe:
    """State, clock, record and fault rules. As a context manager it is deleted at the end of the block."""

    def __init__(self, control: Control, name: str) -> None:
        self._control = control
        self.name = name
        is_default = name == "default"
        self.endpoint_url = control.endpoint if is_default else f"{control.endpoint}/_mesh/u/{name}"
        """What an AWS SDK is told as its endpoint, with any access key."""
        self.clock = Clock(self)
        self.faults = Faults(self)

    @property
    def environment(self) -> dict[str, str]:
        """What an AWS SDK or the AWS CLI in another process needs in its environment to call this universe."""
        environment = {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": os.environ.get("AWS_REGION", _REGION),
            "AWS_DEFAULT_REGION": os.environ.get("AWS_REGION", _REGION),
        }
        # Where a mesh-local wants its token, SDKs show it so.
        return environment | ({"AWS_SESSION_TOKEN": self._control.token} if self._control.token else {})

    def client(self, service: str, **options: Any) -> Any:
        """A client of boto3: `universe.client("sqs")`. Options are those of `boto3.client`; an `aws_access_key_id` of
        twelve digits is the account that is called."""
        return _boto3().client(service, **self._options(options))

    def resource(self, service: str, **options: Any) -> Any:
        """A resource of boto3: `universe.resource("dynamodb")`."""
        return _boto3().resource(service, **self._options(options))

    def _options(self, options: dict[str, Any]) -> dict[str, Any]:
        environment = self.environment
        given = {
            "endpoint_url": self.endpoint_url,
            "aws_access_key_id": environment["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": environment["AWS_SECRET_ACCESS_KEY"],
            "aws_session_token": environment.get("AWS_SESSION_TOKEN"),
            "region_name": environment["AWS_REGION"],
        }
        return {**given, **options}

    def fork(self, name: str | None = None) -> Universe:
        """A universe with this one's state and time of this moment, under the same names of resources. It costs the same
        for ten rows and for ten million. Without a name it gets one that nobody else has."""
        name = unique_name("fork") if name is None else name
        self._control.ask("POST", "/_mesh/universes", {"name": name, "from": self.name})
        return Universe(self._control, name)

    def export_to(self, file: str | os.PathLike[str]) -> None:
        """Writes all of it into a file, which holds whatever secrets it does: `Mesh.create_from` reads it, also with a later
        version of mesh-local."""
        with open(file, "wb") as out:
            out.write(self._control.exchange("GET", f"/_mesh/universes/{self.name}/export", None))

    def reset(self) -> None:
        """Empties it: state, clock, record and fault rules."""
        self.ask("POST", "/reset")

    def delete(self) -> None:
        """Deletes it. Who waits in it is answered at once."""
        self.ask("DELETE", "")

    def settle(self, timeout: Span = 60) -> Advanced:
        """Waits until nothing runs and nothing is due: no delivery, no function, no timer. Whoever waits for an event, as
        a long poll does, is not waited for.

        Raises `Unsettled` with the list of what still runs after `timeout` of real time.
        """
        return self._rest("/settle", None, timeout)

    def advance(self, by: Span, timeout: Span = 60) -> Advanced:
        """Moves its clock forward, and runs all that falls due on the way, in order, each at its own moment. `timeout`
        bounds the real time that takes."""
        return self._rest("/clock/advance", {"by": span_text(by)}, timeout)

    def _rest(self, path: str, body: dict[str, str] | None, timeout: Span) -> Advanced:
        patience = span(timeout).total_seconds() + _MARGIN
        told = self.ask("POST", f"{path}?timeout={span_text(timeout)}", body, patience)
        return Advanced(moment_of(told["micros"]), told["timers"], told["ran"], told["ran_in_all"])

    def wait_for(self, condition: Callable[[], T], within: Span = 10, step: Span = 1) -> T:
        """Waits until a condition holds, and returns what it returned.

        While the clock stands, nothing is waited for: the universe settles, and then its clock is advanced by `step`,
        again and again, until `within` of its time has passed. While the clock runs, the universe settles and the
        condition is looked at until `within` of real time has passed.

        Raises `WaitedInVain` if the condition never held.
        """
        found = self._advance_until(condition, within, step) if self.clock.is_frozen else self._look(condition, within)
        if not found:
            kind = "of its own time " if self.clock.is_frozen else ""
            raise WaitedInVain(
                f"in the universe {self.name} the condition still came to {found!r} after {span(within)} {kind}"
                f"({self.clock.now().isoformat()} there)"
            )
        return found

    def _advance_until(self, condition: Callable[[], T], within: Span, step: Span) -> T:
        left, step = span(within), span(step)
        self.settle()
        found = condition()
        while not found and left:
            by = min(step, left)
            self.advance(by)
            found, left = condition(), left - by
        return found

    def _look(self, condition: Callable[[], T], within: Span) -> T:
        end, pause = time.monotonic() + span(within).total_seconds(), 0.01
        while True:
            found, left = condition(), end - time.monotonic()
            if found or left <= 0:
                return found
            pause = min(pause, left)
            try:
                self.settle(pause)
            except Unsettled:
                # What still runs may have brought it about all the same.
                pass
            else:
                time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def why(self, id: str) -> dict[str, Any]:
        """What led to a request, a delivery or a message (`because`), and what came of it (`caused`)."""
        told: dict[str, Any] = self.ask("GET", f"/why/{urllib.parse.quote(id, safe='')}")
        return told

    def record(self, limit: int = 100, service: str | None = None) -> list[dict[str, Any]]:
        """The newest entries of its record, oldest first: calls, deliveries, faults, what was done outside."""
        query = {"limit": str(limit)} | ({"service": service} if service else {})
        told: list[dict[str, Any]] = self.ask("GET", f"/record?{urllib.parse.urlencode(query)}")["entries"]
        return told

    def describe(self) -> dict[str, Any]:
        """What the control plane tells of it: `waiting`, `running`, `deadlines`, its `seed`, its `clock`."""
        told: dict[str, Any] = self.ask("GET", "")
        return told

    def ask(self, method: str, path: str, body: Any = None, patience: float = 75) -> Any:
        """Asks something of this universe's part of the control plane."""
        return self._control.ask(method, f"/_mesh/universes/{self.name}{path}", body, patience)

    def __enter__(self) -> Universe:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.delete()
        except Refused as refused:
            # The block itself may have deleted it.
            if refused.status != 404:
                raise

    def __repr__(self) -> str:
        return f"<Universe {self.name} at {self.endpoint_url}>"


def unique_name(words: str) -> str:
    """A name of a universe, with these words in it, that nobody else has."""
    label = re.sub("[^a-z0-9]+", "-", words.lower())[:50].strip("-")
    label = label if label[:1].isalpha() else f"u-{label}".rstrip("-")
    return f"{label}-{uuid.uuid4().hex[:10]}"


def _boto3() -> Any:
    try:
        import boto3
    except ImportError:
        raise ImportError("client and resource want boto3: pip install boto3") from None
    return boto3
