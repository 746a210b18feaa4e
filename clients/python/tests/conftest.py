"""What all tests of the package begin with: a queue and a table, made once."""

from typing import Any

import pytest

from mesh_local import Universe


@pytest.fixture(scope="session")
def prepared(prepared: Universe) -> Universe:
    prepared.client("sqs").create_queue(QueueName="orders")
    prepared.client("dynamodb").create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return prepared


class Queue:
    """The prepared queue, as a universe has it."""

    def __init__(self, universe: Universe) -> None:
        self.client = universe.client("sqs")
        self.url = self.client.get_queue_url(QueueName="orders")["QueueUrl"]

    def send(self, body: str, **options: Any) -> str:
        return str(self.client.send_message(QueueUrl=self.url, MessageBody=body, **options)["MessageId"])

    def receive(self) -> list[str]:
        told = self.client.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10)
        return [message["Body"] for message in told.get("Messages", [])]


@pytest.fixture
def queue(universe: Universe) -> Queue:
    return Queue(universe)
