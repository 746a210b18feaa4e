"""Faults on demand."""

from datetime import timedelta

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from conftest import Queue

from mesh_local import Clock, Faults, Refused, Universe

ONCE = Config(retries={"max_attempts": 0})


def test_a_rule_strikes_what_it_means_until_its_block_ends(universe: Universe, faults: Faults) -> None:
    db = universe.client("dynamodb", config=ONCE)
    with faults.add(service="dynamodb", operation="PutItem", error="InternalServerError", every=2) as fault:
        db.put_item(TableName="orders", Item={"id": {"S": "a"}})
        with pytest.raises(ClientError) as caught:
            db.put_item(TableName="orders", Item={"id": {"S": "b"}})
        assert caught.value.response["Error"]["Code"] == "InternalServerError"
        header = caught.value.response["ResponseMetadata"]["HTTPHeaders"]["x-mesh-fault"]
        assert header == f"{fault.name} error=InternalServerError"
        assert (fault.matches, fault.injected) == (2, 1)
    assert faults.list() == []
    with pytest.raises(LookupError):
        _ = fault.matches
    db.put_item(TableName="orders", Item={"id": {"S": "b"}})


def test_a_throttle_lets_through_what_its_rate_allows_of_the_universes_time(
    universe: Universe, clock: Clock, faults: Faults
) -> None:
    clock.freeze()
    faults.add(service="dynamodb", resource="orders", throttle="1/s")
    db = universe.client("dynamodb", config=ONCE)
    db.get_item(TableName="orders", Key={"id": {"S": "a"}})
    with pytest.raises(ClientError) as caught:
        db.get_item(TableName="orders", Key={"id": {"S": "a"}})
    assert caught.value.response["Error"]["Code"] == "ProvisionedThroughputExceededException"
    clock.advance("1s")
    db.get_item(TableName="orders", Key={"id": {"S": "a"}})


def test_a_window_is_of_the_universes_time(universe: Universe, clock: Clock, faults: Faults, queue: Queue) -> None:
    clock.freeze()
    now = clock.now()
    faults.add(
        service="sqs", error="ServiceUnavailable", from_=now + timedelta(hours=1), until=now + timedelta(hours=2)
    )
    once = universe.client("sqs", config=ONCE)
    once.list_queues()
    clock.advance("90m")
    with pytest.raises(ClientError):
        once.list_queues()
    clock.advance("30m")
    once.list_queues()


def test_rules_are_of_one_universe_and_go_with_a_fork(universe: Universe, faults: Faults) -> None:
    fault = faults.add(name="slow", service="sqs", latency=timedelta(milliseconds=1))
    assert fault.name == "slow"
    with universe.fork() as fork:
        assert [rule["name"] for rule in fork.faults.list()] == ["slow"]
        fork.faults.clear()
    assert [rule["name"] for rule in faults.list()] == ["slow"]
    fault.remove()
    with pytest.raises(Refused, match="no fault rule"):
        faults.remove("slow")


def test_a_rule_that_cannot_do_what_it_says_is_refused(faults: Faults) -> None:
    with pytest.raises(Refused, match="sqss") as caught:
        faults.add(service="sqss", error="ServiceUnavailable")
    assert caught.value.status == 400
    assert faults.list() == []
