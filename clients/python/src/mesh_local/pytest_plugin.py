"""Fixtures for pytest: `mesh`, `prepared`, `universe`, `clock`, `faults`, `aws_environment`.

State that all tests begin with is prepared once, by a fixture that builds on `prepared`:

    @pytest.fixture(scope="session")
    def prepared(prepared):
        prepared.client("sqs").create_queue(QueueName="orders")
        return prepared

Under pytest-xdist each worker starts an instance of its own. It takes milliseconds and a few megabytes, and a worker that
dies takes nothing with it. Workers that are told an instance by MESH_LOCAL_ENDPOINT share it: their universes have names
that nobody else has.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from typing import Any

import pytest

from mesh_local.clock import Clock
from mesh_local.errors import MeshError
from mesh_local.faults import Faults
from mesh_local.mesh import Mesh
from mesh_local.universe import Universe, unique_name

_TOLD = 30
"""Entries of the record that a failed test shows."""


@pytest.fixture(scope="session")
def mesh() -> Iterator[Mesh]:
    """The instance: that of MESH_LOCAL_ENDPOINT, or a private one, which ends with the session."""
    with Mesh.find() as mesh:
        yield mesh


@pytest.fixture(scope="session")
def prepared(mesh: Mesh) -> Iterator[Universe]:
    """The universe that each test gets a fork of: empty, unless you override this fixture."""
    with mesh.create(unique_name("prepared")) as universe:
        yield universe


@pytest.fixture
def universe(prepared: Universe, request: pytest.FixtureRequest) -> Iterator[Universe]:
    """A universe for this test alone: a fork of the prepared one, deleted at the end."""
    with prepared.fork(unique_name(request.node.name)) as universe:
        yield universe


@pytest.fixture
def clock(universe: Universe) -> Clock:
    """The clock of the test's universe."""
    return universe.clock


@pytest.fixture
def faults(universe: Universe) -> Faults:
    """The fault rules of the test's universe."""
    return universe.faults


@pytest.fixture
def aws_environment(universe: Universe, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Has clients that the code under test makes by itself call the test's universe: the environment of this process names
    it, and nothing in it leads elsewhere."""
    strays = {"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"}
    for name in list(os.environ):
        if name in strays or name.startswith("AWS_ENDPOINT_URL_"):
            monkeypatch.delenv(name)
    environment = universe.environment
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return environment


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Has a failed test show what happened in its universe."""
    report = yield
    universe = getattr(item, "funcargs", {}).get("universe")
    if report.when == "call" and report.failed and isinstance(universe, Universe):
        try:
            entries = universe.record(limit=_TOLD)
        except MeshError as error:
            told = str(error)
        else:
            told = "\n".join(map(_line, entries)) or "nothing"
        report.sections.append((f"what happened in the universe {universe.name}", told))
    return report


def _line(entry: dict[str, Any]) -> str:
    """An entry of the record, for people."""
    at = entry.get("arrived_at") or entry.get("at", "")
    match entry["kind"]:
        case "call":
            words = [entry["status"], entry["service"], entry["operation"], entry["request_id"], entry.get("error")]
        case "delivery":
            words = ["delivery to", entry["to"], entry["outcome"]["result"], entry["id"]]
        case "fault":
            words = ["fault", entry["rule"], entry["effect"], "on", entry["service"], entry["operation"]]
        case kind:
            words = [kind, entry["what"], entry.get("error")]
    return "  ".join([at, *(str(word) for word in words if word is not None)])
