"""SQS as boto3 and the AWS CLI see it: under fork, reset, a standing clock and a dropped connection."""

import base64
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

import mesh
import run
from botocore.exceptions import ClientError


class Queues(mesh.Case):
    def setUp(self):
        self.mesh.control("POST", "/_mesh/universes/default/reset", {})
        self.sqs = self.mesh.client("sqs")

    def queue(self, name="q", **attributes):
        return self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]

    def test_a_message_is_sent_received_and_deleted(self):
        url = self.queue()
        self.assertEqual(url, f"{self.mesh.endpoint}/000000000000/q")
        attributes = {
            "colour": {"DataType": "String", "StringValue": "blue"},
            "raw": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
        }
        # boto3 checks the digests of what it is answered.
        sent = self.sqs.send_message(QueueUrl=url, MessageBody="hello \u2603", MessageAttributes=attributes)
        received = self.sqs.receive_message(
            QueueUrl=url, MessageAttributeNames=["All"], MessageSystemAttributeNames=["All"]
        )["Messages"]
        self.assertEqual([m["MessageId"] for m in received], [sent["MessageId"]])
        self.assertEqual(received[0]["Body"], "hello \u2603")
        self.assertEqual(received[0]["MessageAttributes"], attributes)
        self.assertEqual(received[0]["Attributes"]["ApproximateReceiveCount"], "1")
        self.assertNotIn("Messages", self.sqs.receive_message(QueueUrl=url))
        self.sqs.delete_message(QueueUrl=url, ReceiptHandle=received[0]["ReceiptHandle"])
        self.mesh.control("POST", "/_mesh/universes/default/clock/advance", {"by": "1h"})
        self.assertNotIn("Messages", self.sqs.receive_message(QueueUrl=url))

    def test_errors_are_those_of_aws(self):
        with self.assertRaises(self.sqs.exceptions.QueueDoesNotExist) as caught:
            self.sqs.get_queue_url(QueueName="missing")
        error = caught.exception.response
        self.assertEqual(error["Error"]["Code"], "AWS.SimpleQueueService.NonExistentQueue")
        self.assertEqual(error["Error"]["Message"], "The specified queue does not exist.")
        self.assertEqual(error["ResponseMetadata"]["HTTPStatusCode"], 400)
        with self.assertRaises(ClientError) as caught:
            self.sqs.send_message(QueueUrl=self.queue(), MessageBody="")
        self.assertEqual(caught.exception.response["Error"]["Code"], "MissingParameter")

    def test_attributes_are_told_and_set(self):
        url = self.queue(VisibilityTimeout="20")
        self.sqs.send_message(QueueUrl=url, MessageBody="counted")
        read = lambda: self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        self.assertEqual(read()["QueueArn"], "arn:aws:sqs:us-east-1:000000000000:q")
        self.assertEqual((read()["VisibilityTimeout"], read()["ApproximateNumberOfMessages"]), ("20", "1"))
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "69"})
        self.assertEqual(read()["VisibilityTimeout"], "69")
        with self.assertRaises(self.sqs.exceptions.InvalidAttributeValue):
            self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "43201"})

    def test_batches_are_sent_hidden_and_deleted_entry_by_entry(self):
        url = self.queue(MaximumMessageSize="1024")
        entries = [{"Id": "short", "MessageBody": "x"}, {"Id": "long", "MessageBody": "x" * 1025}]
        sent = self.sqs.send_message_batch(QueueUrl=url, Entries=entries)
        self.assertEqual([entry["Id"] for entry in sent["Successful"]], ["short"])
        failed = [(entry["Id"], entry["Code"], entry["SenderFault"]) for entry in sent["Failed"]]
        self.assertEqual(failed, [("long", "InvalidParameterValue", True)])
        take = lambda: self.sqs.receive_message(QueueUrl=url)["Messages"][0]["ReceiptHandle"]
        self.sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=take(), VisibilityTimeout=0)
        shown = {"Id": "a", "ReceiptHandle": take(), "VisibilityTimeout": 0}
        changed = self.sqs.change_message_visibility_batch(QueueUrl=url, Entries=[shown])
        self.assertEqual(changed["Successful"], [{"Id": "a"}])
        handles = [{"Id": "a", "ReceiptHandle": take()}, {"Id": "b", "ReceiptHandle": "nonsense"}]
        deleted = self.sqs.delete_message_batch(QueueUrl=url, Entries=handles)
        self.assertEqual(deleted["Successful"], [{"Id": "a"}])
        self.assertEqual(deleted["Failed"][0]["Code"], "ReceiptHandleIsInvalid")
        with self.assertRaises(self.sqs.exceptions.EmptyBatchRequest):
            self.sqs.send_message_batch(QueueUrl=url, Entries=[])

    def test_queues_are_purged_tagged_and_shared(self):
        url = self.queue()
        self.sqs.send_message(QueueUrl=url, MessageBody="lost")
        self.sqs.purge_queue(QueueUrl=url)
        self.assertNotIn("Messages", self.sqs.receive_message(QueueUrl=url))
        with self.assertRaises(self.sqs.exceptions.PurgeQueueInProgress):
            self.sqs.purge_queue(QueueUrl=url)
        self.sqs.tag_queue(QueueUrl=url, Tags={"team": "a", "stage": "test"})
        self.sqs.untag_queue(QueueUrl=url, TagKeys=["stage"])
        self.assertEqual(self.sqs.list_queue_tags(QueueUrl=url)["Tags"], {"team": "a"})
        self.sqs.add_permission(
            QueueUrl=url, Label="share", AWSAccountIds=["111111111111"], Actions=["SendMessage"]
        )
        policy = lambda: self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
        statement = json.loads(policy()["Attributes"]["Policy"])["Statement"][0]
        self.assertEqual((statement["Sid"], statement["Action"]), ("share", "SQS:SendMessage"))
        self.sqs.remove_permission(QueueUrl=url, Label="share")
        self.assertNotIn("Attributes", policy())

    def arn(self, url):
        return self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def bodies(self, url, **options):
        received = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, **options)
        return [message["Body"] for message in received.get("Messages", [])]

    def test_dead_letters_go_to_their_queue_and_come_back(self):
        dead = self.queue("dead")
        policy = json.dumps({"deadLetterTargetArn": self.arn(dead), "maxReceiveCount": 1})
        url = self.queue("q", VisibilityTimeout="0", RedrivePolicy=policy)
        sources = self.sqs.get_paginator("list_dead_letter_source_queues").paginate(QueueUrl=dead)
        self.assertEqual([queue for page in sources for queue in page["queueUrls"]], [url])
        self.sqs.send_message(QueueUrl=url, MessageBody="poison")
        self.assertEqual(self.bodies(url), ["poison"])
        self.assertEqual(self.bodies(url), [])
        names = ["DeadLetterQueueSourceArn"]
        [message] = self.sqs.receive_message(
            QueueUrl=dead, VisibilityTimeout=0, MessageSystemAttributeNames=names
        )["Messages"]
        self.assertEqual(message["Attributes"], {"DeadLetterQueueSourceArn": self.arn(url)})
        self.sqs.start_message_move_task(SourceArn=self.arn(dead), MaxNumberOfMessagesPerSecond=1)
        self.mesh.control("POST", "/_mesh/universes/default/clock/advance", {"by": "1s"})
        [task] = self.sqs.list_message_move_tasks(SourceArn=self.arn(dead))["Results"]
        self.assertEqual((task["Status"], task["ApproximateNumberOfMessagesMoved"]), ("COMPLETED", 1))
        self.assertEqual(self.bodies(url), ["poison"])

    def test_a_fifo_queue_keeps_the_order_of_a_group_and_takes_a_message_once(self):
        url = self.queue("q.fifo", FifoQueue="true", ContentBasedDeduplication="true", VisibilityTimeout="30")
        sent = [self.sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g") for body in "aba"]
        self.assertEqual(sent[0]["SequenceNumber"], sent[2]["SequenceNumber"])
        self.assertLess(sent[0]["SequenceNumber"], sent[1]["SequenceNumber"])
        first = self.sqs.receive_message(QueueUrl=url, ReceiveRequestAttemptId="one")["Messages"]
        again = self.sqs.receive_message(QueueUrl=url, ReceiveRequestAttemptId="one")["Messages"]
        self.assertEqual([message["ReceiptHandle"] for message in first], [again[0]["ReceiptHandle"]])
        self.assertEqual(self.bodies(url), [], "the group is in flight")
        self.sqs.delete_message(QueueUrl=url, ReceiptHandle=first[0]["ReceiptHandle"])
        self.assertEqual(self.bodies(url), ["b"])
        with self.assertRaises(ClientError) as caught:
            self.sqs.send_message(QueueUrl=url, MessageBody="c")
        self.assertEqual(caught.exception.response["Error"]["Code"], "MissingParameter")

    def test_a_long_poll_ends_with_the_message(self):
        url = self.queue()
        answer = {}

        def receive():
            answer.update(self.mesh.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=20))

        waiting = threading.Thread(target=receive)
        waiting.start()
        self.sqs.send_message(QueueUrl=url, MessageBody="wake up")
        waiting.join(timeout=10)
        self.assertEqual(answer["Messages"][0]["Body"], "wake up")

    def test_a_standing_clock_moves_when_it_is_told_to(self):
        self.mesh.control("POST", "/_mesh/universes/default/clock/freeze", {})
        url = self.queue(DelaySeconds="900")
        self.sqs.send_message(QueueUrl=url, MessageBody="later")
        for by, seen in [("14m59s", False), ("1s", True), ("29s", False), ("1s", True)]:
            self.mesh.control("POST", "/_mesh/universes/default/clock/advance", {"by": by})
            self.assertEqual("Messages" in self.sqs.receive_message(QueueUrl=url), seen, by)

    def test_a_fork_has_the_messages_and_goes_its_own_way(self):
        url = self.queue()
        self.sqs.send_message(QueueUrl=url, MessageBody="before")
        self.mesh.control("POST", "/_mesh/universes", {"name": "fork", "from": "default"})
        try:
            fork = self.mesh.client("sqs", universe="fork")
            fork_url = fork.get_queue_url(QueueName="q")["QueueUrl"]
            self.assertEqual(fork_url, f"{self.mesh.endpoint}/_mesh/u/fork/000000000000/q")
            fork.send_message(QueueUrl=fork_url, MessageBody="after")
            bodies = lambda client, url: sorted(
                m["Body"] for m in client.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
            )
            self.assertEqual(bodies(self.sqs, url), ["before"])
            self.assertEqual(bodies(fork, fork_url), ["after", "before"])
        finally:
            self.mesh.control("DELETE", "/_mesh/universes/fork")
        with self.assertRaises(ClientError):
            fork.get_queue_url(QueueName="q")

    def test_accounts_and_regions_are_apart(self):
        self.queue("mine")
        other = self.mesh.client("sqs", aws_access_key_id="111111111111")
        elsewhere = self.mesh.client("sqs", region_name="eu-west-1")
        self.assertNotIn("QueueUrls", other.list_queues())
        self.assertNotIn("QueueUrls", elsewhere.list_queues())
        self.assertTrue(other.create_queue(QueueName="mine")["QueueUrl"].endswith("/111111111111/mine"))

    def test_a_long_poll_whose_connection_is_dropped_takes_no_message(self):
        url = self.queue()
        body = json.dumps({"QueueUrl": url, "WaitTimeSeconds": 20}).encode()
        head = (
            f"POST / HTTP/1.1\r\nHost: localhost:{self.mesh.port}\r\nX-Amz-Target: AmazonSQS.ReceiveMessage\r\n"
            f"Content-Type: application/x-amz-json-1.0\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", self.mesh.port)) as connection:
            connection.sendall(head.encode() + body)
            self.wait_until(lambda: self.mesh.control("GET", "/_mesh/universes/default")["waiting"] == 1)
        self.wait_until(lambda: self.mesh.control("GET", "/_mesh/universes/default")["waiting"] == 0)
        self.sqs.send_message(QueueUrl=url, MessageBody="still here")
        self.assertEqual(self.sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"], "still here")

    def wait_until(self, holds):
        end = time.monotonic() + 10
        while not holds():
            self.assertLess(time.monotonic(), end, "the condition did not come true in time")

    def test_the_aws_cli_speaks_to_it(self):
        cli = pathlib.Path(sys.executable).with_name("aws")
        environment = {
            "PATH": os.environ["PATH"],
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

        def aws(*arguments):
            done = subprocess.run(
                # Version 1 of the AWS CLI takes SQS's endpoint from its own table, unless it is told here.
                [str(cli), "--endpoint-url", self.mesh.endpoint, *arguments], env=environment, capture_output=True, text=True, timeout=60
            )
            self.assertEqual(done.returncode, 0, done.stderr)
            return json.loads(done.stdout) if done.stdout else None

        url = aws("sqs", "create-queue", "--queue-name", "hello")["QueueUrl"]
        aws("sqs", "send-message", "--queue-url", url, "--message-body", "from the shell")
        received = aws("sqs", "receive-message", "--queue-url", url)["Messages"]
        self.assertEqual(received[0]["Body"], "from the shell")
        aws("sqs", "delete-queue", "--queue-url", url)

    def test_the_query_protocol_is_spoken_too(self):
        import urllib.parse
        import urllib.request

        def call(**parameters):
            data = urllib.parse.urlencode({"Version": "2012-11-05", **parameters}).encode()
            with urllib.request.urlopen(self.mesh.endpoint + "/", data, timeout=10) as answer:
                return answer.read().decode()

        created = call(**{"Action": "CreateQueue", "QueueName": "q", "Attribute.1.Name": "DelaySeconds",
                          "Attribute.1.Value": "0"})
        self.assertIn(f"<QueueUrl>{self.mesh.endpoint}/000000000000/q</QueueUrl>", created)
        url = f"{self.mesh.endpoint}/000000000000/q"
        sent = call(Action="SendMessage", QueueUrl=url, MessageBody="<&>")
        self.assertIn("<MD5OfMessageBody>", sent)
        self.assertIn("<Body>&lt;&amp;&gt;</Body>", call(Action="ReceiveMessage", QueueUrl=url))


class Process(unittest.TestCase):
    def test_sigterm_ends_it_within_a_second_also_under_a_long_poll(self):
        with mesh.running(run.BINARY) as instance:
            sqs = instance.client("sqs")
            url = sqs.create_queue(QueueName="q")["QueueUrl"]

            def receive():
                try:
                    instance.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=20)
                except Exception:  # The connection ends with the process.
                    pass

            waiting = threading.Thread(target=receive)
            waiting.start()
            begun = time.monotonic()
            instance.process.send_signal(signal.SIGTERM)
            self.assertEqual(instance.process.wait(timeout=5), 0)
            self.assertLess(time.monotonic() - begun, 1)
            waiting.join(timeout=10)

    def test_the_same_seed_gives_the_same_bytes(self):
        def script():
            with mesh.running(run.BINARY, "--seed", "7") as instance:
                instance.control("POST", "/_mesh/universes/default/clock/freeze", {"at": "2026-01-01T00:00:00Z"})
                sqs = instance.client("sqs")
                url = sqs.create_queue(QueueName="q")["QueueUrl"]
                answers = [sqs.send_message(QueueUrl=url, MessageBody=str(n)) for n in range(3)]
                answers.append(sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"]))
                for answer in answers:
                    answer["ResponseMetadata"]["HTTPHeaders"].pop("date")
                return json.dumps(answers)

        self.assertEqual(script(), script())
