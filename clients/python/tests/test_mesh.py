"""Starting an instance, and finding one."""

import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time

import pytest

from mesh_local import Mesh, NotStarted

HERE = pathlib.Path(__file__).resolve().parent
QUEUE = "def test_it(universe):\n    universe.client('sqs').create_queue(QueueName='q')\n"


def answers(endpoint: str) -> bool:
    with contextlib.closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", int(endpoint.rsplit(":", 1)[1]))) == 0


def test_a_private_instance_ends_with_its_block() -> None:
    with Mesh.start() as mesh:
        assert mesh.is_private
        assert mesh.universes() == ["default"]
        with mesh.create() as universe:
            assert universe.describe()["partitions"] == 0
    assert not answers(mesh.endpoint_url)


def test_a_private_instance_ends_with_its_starter_however_that_ends() -> None:
    script = "import signal; from mesh_local import Mesh; print(Mesh.start().endpoint_url, flush=True); signal.pause()"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        endpoint = starter.stdout.readline().strip()
        assert answers(endpoint)
        starter.send_signal(signal.SIGKILL)
    end = time.monotonic() + 10
    while answers(endpoint):
        assert time.monotonic() < end, "it goes on"


def test_a_private_instance_is_not_told_what_another_is_to_do(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MESH_LOCAL_DATA_DIR", str(tmp_path / "data"))
    with Mesh.start():
        assert not (tmp_path / "data").exists()


def test_an_instance_with_a_token_is_called_with_it() -> None:
    with Mesh.start(arguments=["--token", "secret"]) as started:
        with pytest.raises(NotStarted, match="token"):
            Mesh.attach(started.endpoint_url)
        with Mesh.attach(started.endpoint_url, "secret") as mesh:
            assert not mesh.is_private
            mesh.universe().client("sqs").create_queue(QueueName="q")
        assert answers(started.endpoint_url)


def test_what_cannot_be_started_or_found_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    with pytest.raises(NotStarted, match="cannot run"):
        Mesh.start(str(tmp_path / "none"))
    with pytest.raises(NotStarted, match="before it was ready"):
        Mesh.start(arguments=["--host", "0.0.0.0"])
    monkeypatch.delenv("MESH_LOCAL_BIN", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotStarted, match="MESH_LOCAL_BIN"):
        Mesh.find()
    with Mesh(f"http://localhost:{_free_port()}") as nobody, pytest.raises(NotStarted, match="does not answer"):
        Mesh.attach(nobody.endpoint_url)


def _free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_session_that_is_told_an_instance_leaves_it_running_and_nothing_in_it(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile(QUEUE)
    with Mesh.start() as mesh:
        monkeypatch.setenv("MESH_LOCAL_ENDPOINT", mesh.endpoint_url)
        pytester.runpytest_subprocess("-n", "2").assert_outcomes(passed=1)
        assert mesh.universes() == ["default"]


def test_workers_side_by_side_do_not_meet(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MESH_LOCAL_ENDPOINT", raising=False)
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("number", range(8))
        def test_it(mesh, universe, number):
            sqs = universe.client("sqs")
            assert "QueueUrls" not in sqs.list_queues()
            sqs.create_queue(QueueName="q")
            assert mesh.is_private
        """
    )
    pytester.runpytest_subprocess("-n", "2").assert_outcomes(passed=8)


def test_a_test_that_fails_shows_what_happened_in_its_universe(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MESH_LOCAL_ENDPOINT", raising=False)
    pytester.makepyfile(
        """
        def test_it(universe, faults):
            faults.add(name="broken", service="sqs", error="ServiceUnavailable", times=1)
            universe.client("sqs").create_queue(QueueName="q")
            assert False
        """
    )
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*what happened in the universe test-it-*", "*fault  broken  error*", "*200  sqs  CreateQueue  *"]
    )


def test_the_examples_of_the_page_run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MESH_LOCAL_ENDPOINT", raising=False)
    page = (HERE.parent / "README.md").read_text()
    blocks = re.findall(r"^```python\n# (\w+\.py)\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    assert {name for name, _ in blocks} == {"conftest.py", "test_orders.py", "by_hand.py"}
    for name, block in blocks:
        with open(pytester.path / name, "a") as file:
            file.write(block)
    written = (pytester.path / "test_orders.py").read_text()
    pytester.runpytest_subprocess().assert_outcomes(passed=written.count("\ndef test_"))
    subprocess.run([sys.executable, "by_hand.py"], cwd=pytester.path, check=True, env=os.environ.copy())
