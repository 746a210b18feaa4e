"""With a seed and a clock that stands, a whole run is the same twice: each answer to the byte, and what is in the record."""

import io
import json
import unittest
import zipfile

import mesh
import run
from botocore.exceptions import ClientError

# Doubles a number, and fails where it is told to.
FUNCTION = """
def handler(event, context):
    print("doubling", event["number"])
    if event["number"] < 0:
        raise ValueError(context.aws_request_id)
    return {"doubled": 2 * event["number"], "by": context.aws_request_id, "from": context.log_stream_name}
"""

# What real time decides, and is meant to.
REAL = {"date", "x-amzn-trace-id"}
OUTSIDE = {"http", "process", "listen", "scratch"}


class Script:
    """A run: every answer is kept as it came."""

    def __init__(self, instance):
        self.mesh, self.told = instance, []
        self.port = str(instance.port)

    def tell(self, *what):
        self.told.append(" ".join(map(str, what)).replace(self.port, "PORT"))

    def client(self, service, universe=None):
        client = self.mesh.client(service, universe=universe)
        client.meta.events.register(f"before-parse.{service}", self.hear)
        return client

    def hear(self, operation_model, response_dict, **_):
        headers = {name.lower(): value for name, value in response_dict["headers"].items() if name.lower() not in REAL}
        body = response_dict["body"]
        # What is streamed is told by who reads it.
        told = body if isinstance(body, bytes) else "streamed"
        self.tell(operation_model.name, response_dict["status_code"], sorted(headers.items()), told)

    def ask(self, *what):
        answer = self.mesh.control(*what)
        self.tell(what, json.dumps(answer))
        return answer

    def run(self):
        self.mesh.control("POST", "/_mesh/clock/freeze", {"at": "2026-01-01T00:00:00Z"})
        self.messages()
        self.items()
        self.function()
        self.mesh.control("POST", "/_mesh/universes", {"name": "fork"})
        for universe in [None, "fork"]:
            sqs = self.client("sqs", universe)
            url = sqs.get_queue_url(QueueName="q")["QueueUrl"]
            sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"])
        for universe in ["default", "fork"]:
            record = self.mesh.control("GET", f"/_mesh/universes/{universe}/record?limit=1000")
            # A function's lines are put into its log while its caller goes on: which of the two ends first is real.
            self.told += sorted(map(self.entry, record["entries"]))
        return self.told

    @staticmethod
    def entry(entry):
        """An entry of the record without what real time decides, and of what is done outside without the machine's part."""
        real = {"sequence", "at", "what"} if entry["kind"] in OUTSIDE else {"sequence", "arrived_at", "took_micros"}
        return json.dumps({name: value for name, value in entry.items() if name not in real})

    def messages(self):
        sqs = self.client("sqs")
        url = sqs.create_queue(QueueName="q")["QueueUrl"]
        self.ask("POST", "/_mesh/faults", {"operation": "SendMessage", "probability": 0.3, "error": "ServiceUnavailable"})
        self.ask("POST", "/_mesh/faults", {"service": "sqs", "operation": "ReceiveMessage", "reorder": True})
        for number in range(30):
            try:
                sqs.send_message(QueueUrl=url, MessageBody=f"{number}", DelaySeconds=number)
            except ClientError as error:
                self.tell(number, error)
        self.ask("POST", "/_mesh/clock/advance", {"by": "10s"})
        sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=3, VisibilityTimeout=5, AttributeNames=["All"])
        self.ask("GET", "/_mesh/faults")
        self.ask("DELETE", "/_mesh/faults")
        self.ask("POST", "/_mesh/clock/advance", {"by": "10s"})

    def items(self):
        db = self.client("dynamodb")
        db.create_table(
            TableName="items", KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}], BillingMode="PAY_PER_REQUEST",
        )
        for number in range(10):
            db.put_item(TableName="items", Item={"k": {"S": f"{number}"}, "n": {"N": f"{number}"}}, ReturnConsumedCapacity="TOTAL")
        db.describe_table(TableName="items")
        db.get_item(TableName="items", Key={"k": {"S": "7"}})
        trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        self.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=policy)

    def function(self):
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr(zipfile.ZipInfo("index.py", (2026, 1, 1, 0, 0, 0)), FUNCTION)
        functions = self.client("lambda")
        functions.create_function(
            FunctionName="f", Runtime="python3.11", Handler="index.handler", Code={"ZipFile": archive.getvalue()},
            Role="arn:aws:iam::000000000000:role/r", Timeout=30,
        )
        self.tell(functions.invoke(FunctionName="f", Payload=json.dumps({"number": 21}))["Payload"].read())
        self.mesh.control("POST", "/_mesh/settle")
        functions.invoke(FunctionName="f", Payload=json.dumps({"number": -1}), InvocationType="Event")
        self.mesh.control("POST", "/_mesh/settle")
        for _ in range(2):
            # An event that fails is tried again after a minute, and after another two.
            self.mesh.control("POST", "/_mesh/clock/advance", {"by": "2m"})
        logs = self.client("logs")
        logs.describe_log_streams(logGroupName="/aws/lambda/f")
        # The lines that tell how long a function ran are real.
        events = self.mesh.client("logs").filter_log_events(logGroupName="/aws/lambda/f")["events"]
        lines = [(event["timestamp"], event["message"]) for event in events if not event["message"].startswith("REPORT")]
        self.tell(lines)


class Determinism(unittest.TestCase):
    def test_a_whole_run_under_a_seed_and_a_clock_that_stands_is_the_same_twice(self):
        runs = []
        for _ in range(2):
            with mesh.running(run.BINARY, "--seed", "7") as instance:
                runs.append(Script(instance).run())
        for one, other in zip(*runs):
            self.assertEqual(one, other)
        self.assertEqual(len(runs[0]), len(runs[1]))
        text = "\n".join(runs[0])
        shown = ["x-mesh-fault", '"effect": "reorder"', "doubled", '"kind": "delivery"', "ValueError", "ServiceUnavailable"]
        self.assertEqual([mark for mark in shown if mark not in text], [], "the run shows what it is to show")


if __name__ == "__main__":
    unittest.main()
