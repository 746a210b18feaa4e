"""Universes in use: addressed in four ways, forked under load and under work, deleted under those who wait."""

import io
import json
import subprocess
import sys
import threading
import time
import unittest
import zipfile

import boto3
import mesh
from botocore.config import Config
from botocore.exceptions import ClientError

# A test process: the same names of resources as every other one's, in the universe that it is given.
PROCESS = """
import json, sys
import boto3
endpoint, mark = sys.argv[1:]
options = dict(endpoint_url=endpoint, aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")
sqs, db = boto3.client("sqs", **options), boto3.client("dynamodb", **options)
url = sqs.get_queue_url(QueueName="orders")["QueueUrl"]
seen = []
for number in range(20):
    sqs.send_message(QueueUrl=url, MessageBody=f"{mark}-{number}")
    db.put_item(TableName="orders", Item={"id": {"S": str(number)}, "mark": {"S": mark}})
while True:
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    if not messages:
        break
    seen += [message["Body"] for message in messages]
marks = [db.get_item(TableName="orders", Key={"id": {"S": str(n)}})["Item"]["mark"]["S"] for n in range(20)]
created = sqs.create_queue(QueueName=f"own-{mark}")["QueueUrl"]
queues = sqs.list_queues()["QueueUrls"]
print(json.dumps({"seen": sorted(seen), "marks": sorted(set(marks)), "queues": sorted(queues), "created": created}))
"""

SLOW = """
import json, os, time, urllib.request
def handler(event, context):
    key, region = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_REGION"]
    headers = {"X-Amz-Target": "AmazonSQS.GetQueueUrl", "Content-Type": "application/x-amz-json-1.0",
               "Authorization": f"AWS4-HMAC-SHA256 Credential={key}/20260101/{region}/sqs/aws4_request, SignedHeaders=host, Signature=0"}
    body, end = json.dumps({"QueueName": "go"}).encode(), time.monotonic() + 15
    while time.monotonic() < end:
        try:
            request = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"] + "/", body, headers)
            return json.load(urllib.request.urlopen(request, timeout=10))["QueueUrl"]
        except urllib.error.HTTPError:
            pass
    return "nobody let it go"
"""


class Universes(mesh.Case):
    def setUp(self):
        self.mesh.control("POST", "/_mesh/universes/default/reset", {})
        self.sqs = self.mesh.client("sqs")

    def fork(self, name, source="default"):
        self.mesh.control("POST", "/_mesh/universes", {"name": name, "from": source})
        self.addCleanup(self.delete, name)

    def delete(self, name):
        if any(universe["name"] == name for universe in self.mesh.control("GET", "/_mesh/universes")["universes"]):
            self.mesh.control("DELETE", f"/_mesh/universes/{name}")

    def describe(self, name="default"):
        return self.mesh.control("GET", f"/_mesh/universes/{name}")

    def until(self, holds, what):
        end = time.monotonic() + 15
        while not holds():
            self.assertLess(time.monotonic(), end, what)

    def in_thread(self, call):
        """Runs a call beside the test; what it came to is in the list that is returned, when the thread has ended."""
        outcome = []

        def run():
            try:
                outcome.append(call())
            except Exception as error:
                outcome.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        self.addCleanup(thread.join, 20)
        return thread, outcome

    def test_all_four_ways_to_name_a_universe_lead_to_it_and_returned_urls_stay_in_it(self):
        self.fork("ways")
        self.mesh.client("sqs", universe="ways").create_queue(QueueName="there")
        host = f"ways.universe.localhost:{self.mesh.port}"

        def by(endpoint=self.mesh.endpoint, key="test", header=None):
            client = boto3.client(
                "sqs", endpoint_url=endpoint, aws_access_key_id=key, aws_secret_access_key="test", region_name="us-east-1",
                config=Config(retries={"max_attempts": 0}),
            )
            if header:
                client.meta.events.register("before-send.sqs", lambda request, **_: request.headers.update(header))
            return client

        ways = {
            "prefix": by(self.mesh.endpoint + "/_mesh/u/ways"),
            "header": by(header={"x-mesh-universe": "ways"}),
            "host": by(header={"Host": host}),
            "key": by(key="ways.universe"),
            "key with an account": by(key="ways.universe.000000000000"),
        }
        for way, client in ways.items():
            with self.subTest(way):
                url = client.get_queue_url(QueueName="there")["QueueUrl"]
                expected = f"http://{host}/" if way == "host" else self.mesh.endpoint + "/_mesh/u/ways/"
                self.assertEqual(url, expected + "000000000000/there")
                client.send_message(QueueUrl=url, MessageBody=way)
                received = client.receive_message(QueueUrl=url)["Messages"][0]
                self.assertEqual(received["Body"], way)
                client.delete_message(QueueUrl=url, ReceiptHandle=received["ReceiptHandle"])
        with self.assertRaises(ClientError):
            self.sqs.get_queue_url(QueueName="there")

    def test_sixteen_processes_with_the_same_names_in_sixteen_forks_do_not_meet(self):
        self.sqs.create_queue(QueueName="orders")
        self.mesh.client("dynamodb").create_table(
            TableName="orders", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}], BillingMode="PAY_PER_REQUEST",
        )
        processes = {}
        for number in range(16):
            name = f"test-{number}"
            self.fork(name)
            endpoint = f"{self.mesh.endpoint}/_mesh/u/{name}"
            command = [sys.executable, "-c", PROCESS, endpoint, name]
            processes[name] = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for name, process in processes.items():
            out, error = process.communicate(timeout=120)
            self.assertEqual(process.returncode, 0, error)
            told, base = json.loads(out), f"{self.mesh.endpoint}/_mesh/u/{name}/000000000000/"
            self.assertEqual(told["seen"], sorted(f"{name}-{number}" for number in range(20)))
            self.assertEqual(told["marks"], [name])
            self.assertEqual(told["queues"], [base + "orders", base + f"own-{name}"])
        url = self.sqs.get_queue_url(QueueName="orders")["QueueUrl"]
        self.assertNotIn("Messages", self.sqs.receive_message(QueueUrl=url))
        self.assertEqual(len(self.sqs.list_queues()["QueueUrls"]), 1)

    def test_a_fork_taken_while_a_long_poll_waits_gives_each_universe_its_own_message(self):
        url = self.sqs.create_queue(QueueName="q")["QueueUrl"]
        thread, outcome = self.in_thread(lambda: self.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20))
        self.until(lambda: self.describe()["waiting"] == 1, "the long poll did not begin")
        self.fork("polled")
        forked = self.mesh.client("sqs", universe="polled")
        forked_url = forked.get_queue_url(QueueName="q")["QueueUrl"]
        self.assertEqual(self.describe("polled")["waiting"], 0, "nobody waits in the fork")
        forked.send_message(QueueUrl=forked_url, MessageBody="of the fork")
        self.assertTrue(thread.is_alive(), "what is sent in the fork is not heard of here")
        self.assertEqual(forked.receive_message(QueueUrl=forked_url)["Messages"][0]["Body"], "of the fork")
        self.sqs.send_message(QueueUrl=url, MessageBody="of the origin")
        thread.join(10)
        self.assertEqual(outcome[0]["Messages"][0]["Body"], "of the origin")

    def test_a_fork_taken_while_many_write_has_what_was_acknowledged_before_all_that_it_has(self):
        """Each writer sends to its first queue, and when that is acknowledged, to its second."""
        names = [[f"{place}-{writer}" for place in ("first", "second")] for writer in range(4)]
        urls = {name: self.sqs.create_queue(QueueName=name)["QueueUrl"] for pair in names for name in pair}
        is_over = threading.Event()

        def write(pair):
            client = self.mesh.client("sqs")
            while not is_over.is_set():
                for name in pair:
                    client.send_message(QueueUrl=urls[name], MessageBody="x")
            return "done"

        def count(universe, name):
            answer = self.mesh.client("sqs", universe=universe).get_queue_attributes(
                QueueUrl=urls[name], AttributeNames=["ApproximateNumberOfMessages"]
            )
            return int(answer["Attributes"]["ApproximateNumberOfMessages"])

        writers = [self.in_thread(lambda pair=pair: write(pair)) for pair in names]
        self.addCleanup(is_over.set)
        for round in range(10):
            self.until(lambda: all(count(None, first) > round for first, _ in names), "the writers do not write")
            self.fork(f"cut-{round}")
        is_over.set()
        for thread, _ in writers:
            thread.join(10)
        self.assertEqual([outcome for _, outcome in writers], [["done"]] * 4)
        for round in range(10):
            for first, second in names:
                sent, answered = count(f"cut-{round}", first), count(f"cut-{round}", second)
                self.assertIn(sent - answered, (0, 1), f"{sent} and {answered} in cut {round}")

    def test_the_end_of_a_universe_ends_those_who_wait_in_it_at_once(self):
        for way in ["delete", "reset"]:
            self.fork("ending")
            client = self.mesh.client("sqs", universe="ending")
            url = client.create_queue(QueueName="q")["QueueUrl"]
            thread, outcome = self.in_thread(lambda: client.receive_message(QueueUrl=url, WaitTimeSeconds=20))
            self.until(lambda: self.describe("ending")["waiting"] == 1, "the long poll did not begin")
            begun = time.monotonic()
            if way == "delete":
                self.delete("ending")
            else:
                self.mesh.control("POST", "/_mesh/universes/ending/reset")
            thread.join(15)
            self.assertLess(time.monotonic() - begun, 10, "the wait went on")
            self.assertIsInstance(outcome[0], ClientError, way)
            self.assertEqual(outcome[0].response["ResponseMetadata"]["HTTPStatusCode"], 503, way)
            self.delete("ending")

    def function(self, code):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("index.py", code)
        self.mesh.client("lambda").create_function(
            FunctionName="f", Runtime="python3.11", Handler="index.handler", Timeout=20,
            Role="arn:aws:iam::000000000000:role/r", Code={"ZipFile": buffer.getvalue()},
        )

    def invoke(self, universe=None, **options):
        answer = self.mesh.client("lambda", universe=universe).invoke(FunctionName="f", Payload="{}", **options)
        return json.loads(answer["Payload"].read() or "null")

    def test_a_fork_taken_while_a_function_runs_has_the_function_and_not_the_run(self):
        self.function(SLOW)
        thread, outcome = self.in_thread(self.invoke)
        self.until(lambda: self.describe()["running"] > 0, "the function did not begin")
        self.fork("mid-run")
        self.assertEqual(self.describe("mid-run")["running"], 0, "the run is the origin's")
        self.mesh.client("sqs", universe="mid-run").create_queue(QueueName="go")
        self.assertEqual(self.invoke("mid-run"), f"{self.mesh.endpoint}/_mesh/u/mid-run/000000000000/go")
        self.assertTrue(thread.is_alive(), "the origin's run looks for its own queue")
        self.sqs.create_queue(QueueName="go")
        thread.join(20)
        self.assertEqual(outcome, [f"{self.mesh.endpoint}/000000000000/go"])

    def test_the_end_of_a_universe_ends_the_functions_that_run_in_it(self):
        self.function(SLOW)
        for way in ["delete", "reset"]:
            self.fork("ending")
            thread, outcome = self.in_thread(lambda: self.invoke("ending"))
            self.until(lambda: self.describe("ending")["running"] > 0, "the function did not begin")
            begun = time.monotonic()
            if way == "delete":
                self.delete("ending")
            else:
                self.mesh.control("POST", "/_mesh/universes/ending/reset")
            thread.join(15)
            self.assertLess(time.monotonic() - begun, 10, "the run went on")
            self.assertIsInstance(outcome[0], ClientError, way)
            self.assertEqual(outcome[0].response["ResponseMetadata"]["HTTPStatusCode"], 503, way)
            self.delete("ending")

    def test_a_fork_taken_while_a_delivery_is_pending_owes_it_too(self):
        """An event that fails is tried again after a minute: in each universe, by its own clock."""
        self.function("def handler(event, context):\n    raise ValueError('no')\n")
        self.mesh.client("lambda").invoke(FunctionName="f", InvocationType="Event", Payload="{}")
        self.mesh.control("POST", "/_mesh/universes/default/settle")
        self.fork("owing")

        def runs(universe):
            logs = self.mesh.client("logs", universe=universe)
            events = logs.filter_log_events(logGroupName="/aws/lambda/f", filterPattern='"START RequestId"')["events"]
            return len(events)

        self.assertEqual((runs(None), runs("owing")), (1, 1))
        self.mesh.control("POST", "/_mesh/universes/owing/clock/advance", {"by": "61s"})
        self.assertEqual((runs(None), runs("owing")), (1, 2), "the fork's delivery is due by the fork's clock")
        self.mesh.control("POST", "/_mesh/universes/default/clock/advance", {"by": "61s"})
        self.assertEqual((runs(None), runs("owing")), (2, 2))

    # An operation of each protocol.
    CALLS = {
        "sqs": "list_queues", "dynamodb": "list_tables", "logs": "describe_log_groups", "lambda": "list_functions",
        "apigatewayv2": "get_apis", "iam": "get_role", "sts": "get_caller_identity",
    }

    def refused(self, service, **options):
        """What an operation of a service is answered."""
        client = self.mesh.client(service, **options)
        with self.assertRaises(ClientError) as caught:
            getattr(client, self.CALLS[service])(**({"RoleName": "r"} if service == "iam" else {}))
        answer = caught.exception.response
        return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]

    def test_a_universe_that_is_not_there_is_said_in_each_protocol_with_those_there_are(self):
        self.fork("known")
        for service in self.CALLS:
            with self.subTest(service):
                status, code, message = self.refused(service, universe="nowhere")
                self.assertEqual((status, code), (404, "UniverseNotFound"))
                self.assertIn("There is no universe nowhere; there are: default, known.", message)

    def test_two_places_that_name_two_universes_are_refused_in_each_protocol(self):
        self.fork("one")
        self.fork("other")
        for service in self.CALLS:
            with self.subTest(service):
                status, code, message = self.refused(service, universe="one", aws_access_key_id="other.universe")
                self.assertEqual((status, code), (400, "InvalidUniverse"))
                self.assertIn("names two universes, one and other", message)


if __name__ == "__main__":
    unittest.main()
