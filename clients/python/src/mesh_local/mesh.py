"""A mesh-local that runs: started for the tests, or found."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Sequence
from types import TracebackType

from mesh_local.control import Control
from mesh_local.errors import MeshError, NotStarted
from mesh_local.universe import Universe, unique_name

_TO_START = 30.0
_TO_END = 15.0

_FOREIGN = {"PERSISTENCE", "GATEWAY_LISTEN", "EDGE_PORT"}
"""Names that mean another instance than a private one, beside those that begin with MESH_LOCAL_."""


class Mesh:
    """A running instance. As a context manager it ends with the block, if it was started here."""

    def __init__(self, endpoint: str, token: str | None = None, process: subprocess.Popen[bytes] | None = None) -> None:
        self._control = Control(endpoint, token)
        self._process = process

    @classmethod
    def find(cls) -> Mesh:
        """Attaches to the instance that MESH_LOCAL_ENDPOINT names (MESH_LOCAL_TOKEN is its token, if it has one); where
        it names none, starts a private one."""
        return cls.attach() if os.environ.get("MESH_LOCAL_ENDPOINT") else cls.start()

    @classmethod
    def attach(cls, endpoint: str | None = None, token: str | None = None) -> Mesh:
        """Uses an instance that runs, and leaves it running."""
        endpoint = endpoint or os.environ.get("MESH_LOCAL_ENDPOINT") or "http://localhost:4566"
        mesh = cls(endpoint, token or os.environ.get("MESH_LOCAL_TOKEN") or None)
        try:
            mesh._control.ask("GET", "/_mesh/status")
        except MeshError as error:
            raise NotStarted(f"there is no mesh-local to attach to: {error}") from error
        return mesh

    @classmethod
    def start(cls, binary: str | None = None, arguments: Sequence[str] = ()) -> Mesh:
        """Starts a private instance on a free port. The binary is the one named here, or in MESH_LOCAL_BIN, or found on
        the PATH. `arguments` are more of those that `mesh-local up` takes.

        It ends when this process does, in whatever way that happens.
        """
        program = binary or os.environ.get("MESH_LOCAL_BIN") or shutil.which("mesh-local")
        if program is None:
            raise NotStarted(
                "mesh-local is not on the PATH: install it, or name the binary in MESH_LOCAL_BIN, or a running instance "
                "in MESH_LOCAL_ENDPOINT"
            )
        command = [program, "up", "--port", "0", "--json", "--end-with-input", *arguments]
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_private_environment()
            )
        except OSError as error:
            raise NotStarted(f"cannot run {program}: {error}") from error
        try:
            return cls(_endpoint(process), process=process)
        except BaseException:
            _end(process)
            raise

    @property
    def endpoint_url(self) -> str:
        """What an AWS SDK is told as its endpoint to call the universe `default`."""
        return self._control.endpoint

    @property
    def is_private(self) -> bool:
        """Whether it was started here."""
        return self._process is not None

    def universe(self, name: str = "default") -> Universe:
        """A universe that is there."""
        return Universe(self._control, name)

    def create(self, name: str | None = None) -> Universe:
        """Makes an empty universe. Without a name it gets one that nobody else has."""
        name = unique_name("universe") if name is None else name
        self._control.ask("POST", "/_mesh/universes", {"name": name, "empty": True})
        return Universe(self._control, name)

    def create_from(self, file: str | os.PathLike[str], name: str | None = None) -> Universe:
        """Makes a universe that is as one was when it was exported into a file."""
        name = unique_name("universe") if name is None else name
        with open(file, "rb") as exported:
            self._control.exchange("POST", f"/_mesh/universes/{name}/import", exported.read())
        return Universe(self._control, name)

    def universes(self) -> list[str]:
        """The names of all universes."""
        return [universe["name"] for universe in self._control.ask("GET", "/_mesh/universes")["universes"]]

    def end(self) -> None:
        """Ends it, if it was started here."""
        if self._process is not None:
            _end(self._process)

    def __enter__(self) -> Mesh:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def __repr__(self) -> str:
        return f"<Mesh at {self.endpoint_url}>"


def _private_environment() -> dict[str, str]:
    def is_foreign(name: str) -> bool:
        return name in _FOREIGN or name.startswith("MESH_LOCAL_") and name != "MESH_LOCAL_LOG"

    return {name: value for name, value in os.environ.items() if not is_foreign(name)}


def _endpoint(process: subprocess.Popen[bytes]) -> str:
    """Waits for the line that says that it is ready."""
    assert process.stdout is not None
    watch = threading.Timer(_TO_START, process.kill)
    watch.start()
    try:
        line = process.stdout.readline()
    finally:
        watch.cancel()
    if not line:
        code = process.wait()
        raise NotStarted(f"mesh-local ended with code {code} before it was ready; standard error has its words")
    return str(json.loads(line)["endpoint"])


def _end(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None and process.stdout is not None
    process.stdin.close()
    try:
        process.wait(_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()
