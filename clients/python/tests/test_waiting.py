"""Waiting without sleeping."""

import threading
from datetime import timedelta

import pytest
from botocore.config import Config
from conftest import Queue

from mesh_local import Clock, Faults, Universe, Unsettled, WaitedInVain


def test_while_the_clock_stands_it_is_advanced_until_the_condition_holds(
    universe: Universe, clock: Clock, queue: Queue
) -> None:
    clock.freeze()
    before = clock.now()
    queue.send("late", DelaySeconds=600)
    assert universe.wait_for(queue.receive, within="15m", step="1m") == ["late"]
    assert clock.now() - before == timedelta(minutes=10)


def test_while_the_clock_stands_no_more_than_its_own_time_is_waited(
    universe: Universe, clock: Clock, queue: Queue
) -> None:
    clock.freeze()
    before = clock.now()
    with pytest.raises(WaitedInVain, match=r"came to \[\] after 0:00:25 of its own time"):
        universe.wait_for(queue.receive, within=25, step=10)
    assert clock.now() - before == timedelta(seconds=25)


def test_while_the_clock_runs_what_is_under_way_is_waited_for(universe: Universe, faults: Faults, queue: Queue) -> None:
    faults.add(service="sqs", operation="SendMessage", latency="100ms")
    thread = threading.Thread(target=queue.send, args=("slow",))
    thread.start()
    try:
        assert universe.wait_for(queue.receive) == ["slow"]
    finally:
        thread.join()


def test_while_the_clock_runs_no_more_than_real_time_is_waited(universe: Universe) -> None:
    with pytest.raises(TimeoutError, match="came to None after"):
        universe.wait_for(lambda: None, within="30ms")


def test_what_does_not_come_to_rest_is_listed(universe: Universe, faults: Faults) -> None:
    faults.add(service="sqs", operation="ListQueues", latency="60s")
    client = universe.client("sqs", config=Config(retries={"max_attempts": 0}))

    def call() -> None:
        with pytest.raises(client.exceptions.ClientError):
            client.list_queues()

    thread = threading.Thread(target=call)
    thread.start()
    try:
        universe.wait_for(lambda: universe.describe()["running"] > 0, within=10)
        with pytest.raises(Unsettled) as caught:
            universe.settle(timeout="20ms")
        assert [entry["operation"] for entry in caught.value.calls] == ["ListQueues"]
        assert caught.value.pending == []
    finally:
        # The end of a universe ends who waits in it.
        universe.delete()
        thread.join(10)
    assert not thread.is_alive()
