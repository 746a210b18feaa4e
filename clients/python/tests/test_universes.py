"""A universe for each test."""

import os
import pathlib
import subprocess
import sys

import pytest
from conftest import Queue

from mesh_local import Mesh, Refused, Universe


@pytest.mark.parametrize("body", ["one", "another"])
def test_each_test_has_what_was_prepared_and_nothing_of_another_test(queue: Queue, body: str) -> None:
    assert queue.receive() == []
    queue.send(body)
    assert queue.receive() == [body]


def test_a_universe_is_named_for_its_test_and_listed(mesh: Mesh, prepared: Universe, universe: Universe) -> None:
    assert universe.name.startswith("test-a-universe-is-named-for-its-test")
    assert {"default", prepared.name, universe.name} <= set(mesh.universes())


def test_returned_urls_stay_in_the_universe(universe: Universe, queue: Queue) -> None:
    assert queue.url == f"{universe.endpoint_url}/000000000000/orders"


def test_a_fork_of_a_fork_has_its_state_and_ends_with_its_block(mesh: Mesh, universe: Universe, queue: Queue) -> None:
    queue.send("before")
    with universe.fork() as fork:
        forked = Queue(fork)
        queue.send("after")
        assert forked.receive() == ["before"]
        assert fork.name in mesh.universes()
    assert fork.name not in mesh.universes()
    with pytest.raises(Refused, match="There is no universe") as caught:
        fork.settle()
    assert caught.value.status == 404


def test_a_universe_that_its_block_deletes_is_no_failure(universe: Universe) -> None:
    with universe.fork() as fork:
        fork.delete()


def test_a_reset_empties_a_universe_and_no_other(universe: Universe) -> None:
    with universe.fork() as fork:
        fork.reset()
        assert "QueueUrls" not in fork.client("sqs").list_queues()
    assert len(universe.client("sqs").list_queues()["QueueUrls"]) == 1


def test_a_universe_comes_out_of_the_file_it_went_into(
    mesh: Mesh, universe: Universe, queue: Queue, tmp_path: pathlib.Path
) -> None:
    queue.send("kept")
    universe.export_to(tmp_path / "universe")
    with mesh.create_from(tmp_path / "universe") as copy:
        assert Queue(copy).receive() == ["kept"]
        with pytest.raises(Refused, match="already"):
            mesh.create_from(tmp_path / "universe", copy.name)
    (tmp_path / "universe").write_bytes(b"something else")
    with pytest.raises(Refused, match="cannot be imported"):
        mesh.create_from(tmp_path / "universe")


def test_a_name_that_is_taken_is_refused(universe: Universe) -> None:
    with pytest.raises(Refused, match="already") as caught:
        universe.fork(universe.name)
    assert caught.value.status == 409


def test_an_account_is_an_access_key_of_twelve_digits(universe: Universe) -> None:
    other = universe.client("sqs", aws_access_key_id="111122223333")
    assert "QueueUrls" not in other.list_queues()


def test_resources_of_boto3_call_it_too(universe: Universe) -> None:
    assert [table.name for table in universe.resource("dynamodb").tables.all()] == ["orders"]


def test_another_process_calls_it_by_its_environment(universe: Universe, queue: Queue) -> None:
    script = "import boto3; print(boto3.client('sqs').list_queues()['QueueUrls'][0])"
    environment = {**os.environ, **universe.environment}
    assert subprocess.check_output([sys.executable, "-c", script], env=environment, text=True).strip() == queue.url


def test_code_that_makes_its_own_clients_calls_it(aws_environment: dict[str, str], queue: Queue) -> None:
    import boto3

    assert boto3.client("sqs").list_queues()["QueueUrls"] == [queue.url]


def test_why_tells_what_came_of_a_message(universe: Universe, queue: Queue) -> None:
    told = universe.why(queue.send("hello"))
    assert [entry["operation"] for entry in told["caused"]] == ["SendMessage"]
    assert universe.record(limit=1, service="sqs")[0]["operation"] == "SendMessage"
    with pytest.raises(Refused):
        universe.why("no id")
