"""Faults on demand as boto3 and the command line see them."""

import json
import pathlib
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

import mesh
import run
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

KEY = {"id": {"S": "a"}}


def named(answer):
    """The faults that an answer's header names."""
    return answer["ResponseMetadata"]["HTTPHeaders"].get("x-mesh-fault")


class Faults(mesh.Case):
    def setUp(self):
        self.mesh.control("POST", "/_mesh/universes/default/reset", {})
        self.sqs = self.mesh.client("sqs")
        self.url = self.sqs.create_queue(QueueName="orders")["QueueUrl"]

    def add(self, *rules):
        self.mesh.control("POST", "/_mesh/faults", list(rules))

    def send(self, client=None):
        return (client or self.sqs).send_message(QueueUrl=self.url, MessageBody="hello")

    def failures(self, count, client=None):
        failed = []
        for number in range(1, count + 1):
            try:
                self.send(client)
            except ClientError:
                failed.append(number)
        return failed

    def table(self):
        db = self.mesh.client("dynamodb")
        db.create_table(
            TableName="orders", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}], BillingMode="PAY_PER_REQUEST",
        )
        return db

    def test_an_injected_error_is_an_exception_of_the_service(self):
        self.add({"name": "gone", "service": "sqs", "operation": "SendMessage", "error": "QueueDoesNotExist", "times": 1})
        with self.assertRaises(self.sqs.exceptions.QueueDoesNotExist) as caught:
            self.send()
        self.assertEqual(named(caught.exception.response), "gone error=QueueDoesNotExist")
        self.assertIsNone(named(self.send()))
        record = self.mesh.control("GET", "/_mesh/record")["entries"]
        fault = next(entry for entry in record if entry["kind"] == "fault")
        self.assertEqual((fault["rule"], fault["operation"]), ("gone", "SendMessage"))
        self.assertEqual(fault["request_id"], caught.exception.response["ResponseMetadata"]["RequestId"])

    def test_an_sdk_tries_a_throttled_call_again(self):
        self.table()
        self.add({"service": "dynamodb", "resource": "orders", "error": "ProvisionedThroughputExceededException", "every": 2})
        patient = self.mesh.client("dynamodb", config={"retries": {"max_attempts": 3, "mode": "standard"}})
        for _ in range(4):
            answer = patient.put_item(TableName="orders", Item=KEY)
        self.assertGreater(answer["ResponseMetadata"]["RetryAttempts"], 0)

    def test_the_same_calls_fail_in_every_run(self):
        rule = {"service": "sqs", "operation": "SendMessage", "error": "ServiceUnavailable", "probability": 0.4}
        runs = []
        for _ in range(2):
            self.setUp()
            self.add(rule)
            runs.append(self.failures(30))
        self.assertTrue(0 < len(runs[0]) < 30, runs)
        self.assertEqual(*runs)

    def test_a_connection_breaks_and_what_it_did_stands(self):
        self.add({"operation": "SendMessage", "drop": "after", "times": 1})
        with self.assertRaises(ConnectionClosedError):
            self.send()
        self.assertEqual(self.sqs.receive_message(QueueUrl=self.url)["Messages"][0]["Body"], "hello")
        self.add({"operation": "SendMessage", "drop": "before", "times": 1})
        with self.assertRaises(ConnectionClosedError):
            self.send()
        self.assertNotIn("Messages", self.sqs.receive_message(QueueUrl=self.url))

    def test_a_slow_answer_runs_into_the_clients_timeout_though_the_clock_stands(self):
        self.mesh.control("POST", "/_mesh/clock/freeze", {})
        self.add({"operation": "SendMessage", "latency": "60s", "times": 1})
        hasty = self.mesh.client("sqs", config={"read_timeout": 0.3})
        with self.assertRaises(ReadTimeoutError):
            self.send(hasty)
        self.send(hasty)

    def test_a_stale_read_is_one_that_need_not_be_consistent(self):
        db = self.table()
        self.add({"service": "dynamodb", "stale_read": "1h"})
        for value in ["first", "second"]:
            db.put_item(TableName="orders", Item={**KEY, "v": {"S": value}})
        stale = db.get_item(TableName="orders", Key=KEY)
        self.assertEqual((stale["Item"]["v"]["S"], named(stale)), ("first", "stale_read stale_read"))
        self.assertEqual(db.get_item(TableName="orders", Key=KEY, ConsistentRead=True)["Item"]["v"]["S"], "second")

    def test_a_part_of_a_batch_fails_and_what_is_sent_again_arrives(self):
        self.add({"service": "sqs", "operation": "SendMessageBatch", "partial_batch": 0.5, "times": 1})
        entries = [{"Id": str(number), "MessageBody": f"body {number}"} for number in range(10)]
        answer = self.sqs.send_message_batch(QueueUrl=self.url, Entries=entries)
        self.assertIn("partial_batch", named(answer))
        failed, sent = ({entry["Id"] for entry in answer[kind]} for kind in ("Failed", "Successful"))
        self.assertEqual(failed | sent, {entry["Id"] for entry in entries})
        self.assertFalse(failed & sent)
        self.assertEqual({(entry["Code"], entry["SenderFault"]) for entry in answer["Failed"]}, {("InternalError", False)})
        again = [entry for entry in entries if entry["Id"] in failed]
        self.assertNotIn("Failed", self.sqs.send_message_batch(QueueUrl=self.url, Entries=again))
        bodies = [message["Body"] for message in self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10)["Messages"]]
        self.assertEqual(sorted(bodies), sorted(entry["MessageBody"] for entry in entries))

    def test_a_request_asks_for_a_fault_of_its_own(self):
        asking = self.mesh.client("sqs")
        asking.meta.events.register(
            "before-send.sqs", lambda request, **_: request.headers.update({"x-mesh-fault": "error=RequestThrottled"})
        )
        with self.assertRaises(ClientError) as caught:
            self.send(asking)
        self.assertEqual(caught.exception.response["Error"]["Code"], "RequestThrottled")
        self.send()
        wrong = self.mesh.client("sqs")
        wrong.meta.events.register(
            "before-send.sqs", lambda request, **_: request.headers.update({"x-mesh-fault": "error=NoSuchBucket"})
        )
        with self.assertRaises(ClientError) as caught:
            self.send(wrong)
        self.assertEqual(caught.exception.response["Error"]["Code"], "InvalidFault")
        self.assertIn("cannot answer NoSuchBucket", caught.exception.response["Error"]["Message"])

    def test_a_page_of_elsewhere_asks_for_no_fault(self):
        headers = {
            "origin": "https://evil.example", "x-mesh-fault": "drop", "x-amz-target": "AmazonSQS.ListQueues",
            "content-type": "application/x-amz-json-1.0",
        }
        request = urllib.request.Request(self.mesh.endpoint + "/", b"{}", headers)
        with self.assertRaises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request, timeout=10)
        with caught.exception as answer:
            self.assertEqual(answer.code, 403)
        for door in ["faults", "universes/default/faults"]:
            request = urllib.request.Request(f"{self.mesh.endpoint}/_mesh/{door}", b'{"drop": "before"}', method="POST")
            with self.assertRaises(urllib.error.HTTPError) as caught:
                urllib.request.urlopen(request, timeout=10)
            with caught.exception as answer:
                self.assertEqual(answer.code, 403, "without the control plane's header")
        self.send()


class CommandLine(mesh.Case):
    def setUp(self):
        self.mesh.control("POST", "/_mesh/universes/default/reset", {})

    def cli(self, *arguments, code=0):
        done = self.mesh.run(*arguments)
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        return done

    def names(self, *arguments):
        told = json.loads(self.cli("faults", "list", "--json", *arguments).stdout)
        return [rule["name"] for rule in told["faults"]]

    def test_rules_are_added_listed_and_cleared(self):
        self.cli("faults", "add", "--service", "sqs", "--error", "ThrottlingException", "--every", "3")
        self.cli("faults", "add", "--name", "slow", "--latency", "10ms..20ms", "--resource", "orders*")
        self.cli("faults", "add", "--drop", "--probability", "0.1", "--from", "2026-01-01T00:00:00Z")
        self.cli("faults", "add", "--throttle", "10/s", "--burst", "5", "--stale-read", code=1)
        self.assertEqual(self.names(), ["error", "slow", "drop"])
        self.cli("universe", "fork", "kept")
        self.addCleanup(self.mesh.control, "DELETE", "/_mesh/universes/kept")
        self.cli("faults", "clear", "slow", "drop")
        self.assertEqual(self.names(), ["error"])
        self.cli("faults", "clear")
        self.assertEqual((self.names(), self.names("--universe", "kept")), ([], ["error", "slow", "drop"]))
        self.assertIn("no fault rule", self.cli("faults", "clear", "slow", code=1).stderr)

    def test_a_rule_that_is_none_is_said_with_what_to_do(self):
        done = self.cli("faults", "add", "--service", "sqs", "--operation", "Sned", "--drop", code=1)
        self.assertIn("There is no operation Sned of sqs", done.stderr)
        done = self.cli("faults", "add", "--service", "sqs", "--operation", "SendMessage", "--error", "Nope", code=1)
        self.assertIn("it can answer", done.stderr)

    def test_rules_come_from_a_file(self):
        with tempfile.TemporaryDirectory() as directory:
            toml = pathlib.Path(directory) / "rules.toml"
            toml.write_text('[[faults]]\nname = "slow"\nlatency = "1ms"\n\n[[faults]]\nservice = "sqs"\nerror = "InternalFailure"\n')
            self.cli("faults", "load", str(toml))
            self.assertEqual(self.names(), ["slow", "error"])
            listed = pathlib.Path(directory) / "rules.json"
            listed.write_text(json.dumps({"faults": json.loads(self.cli("faults", "list", "--json").stdout)["faults"]}))
            self.cli("faults", "load", "--add", str(listed))
            self.assertEqual(self.names(), ["slow", "error", "slow-2", "error-2"])
            self.cli("faults", "load", str(listed))
            self.assertEqual(self.names(), ["slow", "error"])
            with mesh.running(run.BINARY, "--faults", str(toml)) as instance:
                sqs = instance.client("sqs")
                with self.assertRaises(ClientError):
                    sqs.list_queues()
            toml.write_text('[[faults]]\nservice = "s4"\ndrop = "before"\n')
            done = self.cli("faults", "load", str(toml), code=1)
            self.assertIn("There is no service s4", done.stderr)
            done = self.mesh.run("up", "--port", "0", "--faults", str(toml))
            self.assertEqual(done.returncode, 1)
            self.assertIn("There is no service s4", done.stderr)

    def test_a_clock_is_shown_frozen_set_offset_and_advanced(self):
        frozen = json.loads(self.cli("clock", "freeze", "--at", "2030-01-01T00:00:00Z", "--json").stdout)
        self.assertEqual((frozen["now"], frozen["mode"]), ("2030-01-01T00:00:00.000000Z", "frozen"))
        self.assertIn("2030-01-01", self.cli("clock", "show").stdout)
        advanced = json.loads(self.cli("clock", "advance", "15m", "--json").stdout)
        self.assertEqual((advanced["now"], advanced["ran"]), ("2030-01-01T00:15:00.000000Z", []))
        self.assertIn("forwards", self.cli("clock", "advance", "-15m", code=1).stderr)
        self.mesh.client("sqs").create_queue(QueueName="q")
        self.assertIn("does not run backwards", self.cli("clock", "set", "2029-01-01T00:00:00Z", code=1).stderr)
        offset = json.loads(self.cli("clock", "offset", "100000h", "--json").stdout)
        self.assertEqual((offset["mode"], offset["offset_micros"]), ("running", 360_000_000_000_000))

    def test_settle_ends_with_one_and_the_list_where_something_still_runs(self):
        self.cli("settle")
        self.mesh.client("sqs").create_queue(QueueName="q")
        self.cli("faults", "add", "--operation", "ListQueues", "--latency", "600s")
        hasty = self.mesh.client("sqs", config={"read_timeout": 1})
        calling = threading.Thread(target=lambda: self.assertRaises(ReadTimeoutError, hasty.list_queues))
        calling.start()
        end = time.monotonic() + 10
        while self.mesh.control("GET", "/_mesh/universes/default")["running"] == 0:
            self.assertLess(time.monotonic(), end, "the call did not come")
        done = self.cli("settle", "--timeout", "50ms", "--json", code=1)
        self.assertEqual(json.loads(done.stdout)["calls"][0]["operation"], "ListQueues")
        self.assertIn("had not come to rest", done.stderr)
        calling.join(timeout=10)
        # Its client has hung up.
        self.cli("settle")


if __name__ == "__main__":
    unittest.main()
