"""State on disk as boto3 and the command line see it: what a restart resumes, and what a disk that fails leaves."""

import contextlib
import ctypes
import functools
import json
import pathlib
import random
import resource
import signal
import stat
import subprocess
import tempfile
import time
import unittest

import mesh
import run
from botocore.exceptions import ClientError
from test_lambda import ROLE, archive

# Tells a queue that it was called, and then does what the event says.
TELLS = """
import json, os, time, urllib.request
def handler(event, context):
    if "Records" in event:
        event = json.loads(event["Records"][0]["body"])
    key, region = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_REGION"]
    headers = {"X-Amz-Target": "AmazonSQS.SendMessage", "Content-Type": "application/x-amz-json-1.0",
               "Authorization": f"AWS4-HMAC-SHA256 Credential={key}/20260101/{region}/sqs/aws4_request, SignedHeaders=host, Signature=0"}
    body = json.dumps({"QueueUrl": "called", "MessageBody": event["id"]}).encode()
    urllib.request.urlopen(urllib.request.Request(os.environ["AWS_ENDPOINT_URL"] + "/", body, headers), timeout=10)
    if event.get("fails"):
        raise ValueError("as it was told")
    time.sleep(event.get("sleeps", 0))
    return event["id"]
"""

# Text that cannot be compressed to less than 200 KB: code is stored in rows of whatever size.
BALLAST = random.Random(1).randbytes(200_000).hex()

KEY = {"id": {"S": "a"}}

TRUST = json.dumps({
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
})


def after_either_end(test):
    """A test of what an instance has of the one before: once that ended in an orderly way, and once it was killed."""

    @functools.wraps(test)
    def both(self):
        directory = self.directory
        for end in ("orderly", "killed"):
            with self.subTest(end):
                self.directory = directory / end
                test(self, end)

    return both


class Stored(unittest.TestCase):
    """Tests that start, end and kill instances over one directory."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name) / "state"

    def up(self, *arguments, **environment):
        """An instance over the directory, ended in an orderly way if it still runs."""
        options = ("--data-dir", str(self.directory), "--durability", "strict", *arguments)
        return mesh.running(run.BINARY, *options, **environment)

    @contextlib.contextmanager
    def first(self, end):
        """The instance before the end."""
        with self.up() as instance:
            yield instance
            if end == "killed":
                instance.process.send_signal(signal.SIGKILL)
                instance.process.wait(timeout=10)


def clock(instance, action, body=None, universe="default"):
    return instance.control("POST", f"/_mesh/universes/{universe}/clock/{action}", body or {})


def now(instance, universe="default"):
    return instance.control("GET", f"/_mesh/universes/{universe}/clock")["micros"]


def bodies(sqs, url, **options):
    """The bodies of the messages that can be had, taken for good."""
    found = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, **options).get("Messages"):
        for message in messages:
            found.append(message["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


def make_function(instance):
    instance.client("sqs").create_queue(QueueName="called")
    instance.client("lambda").create_function(
        FunctionName="f", Runtime="python3.11", Handler="index.handler", Role=ROLE, Timeout=60,
        Code={"ZipFile": archive(index_py=TELLS, ballast_txt=BALLAST)}, Environment={"Variables": {"COLOUR": "blue"}},
    )


class Restarts(Stored):
    @after_either_end
    def test_a_restart_keeps_the_moments_at_which_messages_become_visible(self, end):
        with self.first(end) as instance:
            clock(instance, "freeze")
            sqs = instance.client("sqs")
            url = sqs.create_queue(QueueName="q", Attributes={"VisibilityTimeout": "100"})["QueueUrl"]
            sqs.send_message(QueueUrl=url, MessageBody="taken")
            taken = sqs.receive_message(QueueUrl=url)["Messages"][0]
            sqs.send_message(QueueUrl=url, MessageBody="hidden for longer")
            other = sqs.receive_message(QueueUrl=url)["Messages"][0]
            sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=other["ReceiptHandle"], VisibilityTimeout=200)
            sqs.send_message(QueueUrl=url, MessageBody="delayed", DelaySeconds=50)
        with self.up() as instance:
            sqs = instance.client("sqs")
            url = sqs.get_queue_url(QueueName="q")["QueueUrl"]
            self.assertEqual(bodies(sqs, url), [])
            clock(instance, "advance", {"by": "49s"})
            self.assertEqual(bodies(sqs, url), [])
            clock(instance, "advance", {"by": "1s"})
            self.assertEqual(bodies(sqs, url), ["delayed"])
            clock(instance, "advance", {"by": "50s"})
            again = sqs.receive_message(QueueUrl=url, AttributeNames=["All"])["Messages"][0]
            self.assertEqual((again["Body"], again["Attributes"]["ApproximateReceiveCount"]), ("taken", "2"))
            self.assertEqual(again["MessageId"], taken["MessageId"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=other["ReceiptHandle"])
            clock(instance, "advance", {"by": "100s"})
            self.assertEqual(bodies(sqs, url), ["taken"], "a receipt handle of before the restart deletes")

    @after_either_end
    def test_a_restart_keeps_what_a_fifo_queue_knows(self, end):
        with self.first(end) as instance:
            clock(instance, "freeze")
            sqs = instance.client("sqs")
            try:
                url = sqs.create_queue(QueueName="q.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
            except sqs.exceptions.UnsupportedOperation as error:
                self.skipTest(str(error))
            send = {"QueueUrl": url, "MessageGroupId": "g"}
            first = sqs.send_message(MessageBody="1", MessageDeduplicationId="one", **send)
            second = sqs.send_message(MessageBody="2", MessageDeduplicationId="two", **send)
            held = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1)["Messages"][0]
        with self.up() as instance:
            sqs = instance.client("sqs")
            send["QueueUrl"] = url = sqs.get_queue_url(QueueName="q.fifo")["QueueUrl"]
            self.assertEqual(bodies(sqs, url), [], "the group is held by the message in flight")
            again = sqs.send_message(MessageBody="1", MessageDeduplicationId="one", **send)
            self.assertEqual(again["MessageId"], first["MessageId"], "it was sent less than five minutes ago")
            third = sqs.send_message(MessageBody="3", MessageDeduplicationId="three", **send)
            self.assertGreater(int(third["SequenceNumber"]), int(second["SequenceNumber"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=held["ReceiptHandle"])
            self.assertEqual(bodies(sqs, url), ["2", "3"])

    @after_either_end
    def test_a_restart_ends_a_long_poll_and_its_successor_gets_what_falls_due_by_the_real_clock(self, end):
        with self.first(end) as instance:
            sqs = instance.client("sqs")
            url = sqs.create_queue(QueueName="q")["QueueUrl"]
            sqs.send_message(QueueUrl=url, MessageBody="soon", DelaySeconds=2)
        with self.up() as instance:
            sqs = instance.client("sqs")
            url = sqs.get_queue_url(QueueName="q")["QueueUrl"]
            begun = time.monotonic()
            received = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
            self.assertEqual([message["Body"] for message in received], ["soon"])
            self.assertLess(time.monotonic() - begun, 10)

    @after_either_end
    def test_a_restart_keeps_functions_with_their_code_and_what_calls_them(self, end):
        with self.first(end) as instance:
            make_function(instance)
            functions = instance.client("lambda")
            api = instance.client("apigatewayv2").create_api(
                Name="a", ProtocolType="HTTP", Target="arn:aws:lambda:us-east-1:000000000000:function:f"
            )
            functions.add_permission(
                FunctionName="f", StatementId="s", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com"
            )
            before = functions.get_function(FunctionName="f")["Configuration"]
        with self.up() as instance:
            functions = instance.client("lambda")
            after = functions.get_function(FunctionName="f")["Configuration"]
            self.assertEqual(after, before)
            answer = functions.invoke(FunctionName="f", Payload=json.dumps({"id": "x"}))
            self.assertEqual(json.loads(answer["Payload"].read()), "x")
            self.assertEqual(instance.client("apigatewayv2").get_api(ApiId=api["ApiId"])["Name"], "a")
            self.assertIn("f", functions.get_policy(FunctionName="f")["Policy"])

    @after_either_end
    def test_a_restart_goes_on_with_a_retry_that_falls_due_a_minute_later(self, end):
        with self.first(end) as instance:
            make_function(instance)
            clock(instance, "freeze")
            instance.client("lambda").invoke(
                FunctionName="f", InvocationType="Event", Payload=json.dumps({"id": "again", "fails": True})
            )
            instance.control("POST", "/_mesh/universes/default/settle")
        with self.up() as instance:
            sqs = instance.client("sqs")
            url = sqs.get_queue_url(QueueName="called")["QueueUrl"]
            instance.control("POST", "/_mesh/universes/default/settle")
            self.assertEqual(bodies(sqs, url), ["again"], "the first attempt, and no more")
            clock(instance, "advance", {"by": "59s"})
            self.assertEqual(bodies(sqs, url), [])
            clock(instance, "advance", {"by": "1s"})
            self.assertEqual(bodies(sqs, url), ["again"])
            clock(instance, "advance", {"by": "1h"})
            self.assertEqual(bodies(sqs, url), ["again"], "the third is the last")

    @after_either_end
    def test_a_restart_goes_on_with_what_a_queue_brings_to_a_function(self, end):
        with self.first(end) as instance:
            make_function(instance)
            clock(instance, "freeze")
            sqs, functions = instance.client("sqs"), instance.client("lambda")
            url = sqs.create_queue(QueueName="jobs", Attributes={"VisibilityTimeout": "100"})["QueueUrl"]
            arn = "arn:aws:sqs:us-east-1:000000000000:jobs"
            functions.create_event_source_mapping(FunctionName="f", EventSourceArn=arn)
            sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"id": "delayed"}), DelaySeconds=50)
            instance.control("POST", "/_mesh/universes/default/settle")
        with self.up() as instance:
            sqs = instance.client("sqs")
            url, called = (sqs.get_queue_url(QueueName=name)["QueueUrl"] for name in ("jobs", "called"))
            clock(instance, "advance", {"by": "49s"})
            self.assertEqual(bodies(sqs, called), [])
            clock(instance, "advance", {"by": "2s"})
            self.assertEqual(bodies(sqs, called), ["delayed"])
            clock(instance, "advance", {"by": "200s"})
            self.assertEqual(bodies(sqs, called), [], "it was deleted")
            sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"id": "later"}))
            instance.control("POST", "/_mesh/universes/default/settle")
            clock(instance, "advance", {"by": "1m"})
            self.assertEqual(bodies(sqs, called), ["later"])

    @after_either_end
    def test_a_restart_keeps_topics_with_their_subscriptions(self, end):
        with self.first(end) as instance:
            sns = instance.client("sns")
            topic = sns.create_topic(Name="orders")["TopicArn"]
            instance.client("sqs").create_queue(QueueName="q")
            sns.subscribe(
                TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:000000000000:q",
                Attributes={"RawMessageDelivery": "true"},
            )
            sns.publish(TopicArn=topic, Message="before")
        with self.up() as instance:
            sns, sqs = instance.client("sns"), instance.client("sqs")
            sns.publish(TopicArn=topic, Message="after")
            instance.control("POST", "/_mesh/universes/default/settle")
            url = sqs.get_queue_url(QueueName="q")["QueueUrl"]
            self.assertEqual(sorted(set(bodies(sqs, url))), ["after", "before"])

    def test_a_delivery_that_was_being_made_when_the_process_was_killed_is_made_again(self):
        with self.first("killed") as instance:
            make_function(instance)
            sqs = instance.client("sqs")
            url = sqs.get_queue_url(QueueName="called")["QueueUrl"]
            instance.client("lambda").invoke(
                FunctionName="f", InvocationType="Event", Payload=json.dumps({"id": "slow", "sleeps": 30})
            )
            received = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
            self.assertEqual([message["Body"] for message in received], ["slow"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=received[0]["ReceiptHandle"])
        with self.up() as instance:
            sqs = instance.client("sqs")
            url = sqs.get_queue_url(QueueName="called")["QueueUrl"]
            received = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
            self.assertEqual([message["Body"] for message in received], ["slow"])

    @after_either_end
    def test_a_restart_keeps_universes_with_their_clocks(self, end):
        with self.first(end) as instance:
            instance.client("sqs").create_queue(QueueName="shared")
            for name in ("frozen", "offset"):
                instance.control("POST", "/_mesh/universes", {"name": name, "from": "default"})
            instance.control("POST", "/_mesh/universes/default/snapshot", {"name": "kept"})
            instance.client("sqs", universe="frozen").create_queue(QueueName="own")
            clock(instance, "freeze", universe="frozen")
            clock(instance, "advance", {"by": "3h"}, universe="frozen")
            clock(instance, "offset", {"by": "2d"}, universe="offset")
            stood = now(instance, "frozen")
        with self.up() as instance:
            self.assertEqual(now(instance, "frozen"), stood)
            ahead = (now(instance, "offset") - now(instance)) / 1e6
            self.assertAlmostEqual(ahead, 2 * 24 * 3600, delta=60)
            names = [universe["name"] for universe in instance.control("GET", "/_mesh/universes")["universes"]]
            self.assertEqual(sorted(names), ["default", "frozen", "offset"])
            queues = instance.client("sqs", universe="frozen").list_queues()["QueueUrls"]
            self.assertEqual(sorted(url.rsplit("/", 1)[1] for url in queues), ["own", "shared"])
            self.assertEqual(len(instance.client("sqs", universe="offset").list_queues()["QueueUrls"]), 1)
            self.assertEqual(instance.control("GET", "/_mesh/snapshots"), {"snapshots": [{"name": "kept"}]})
            instance.control("POST", "/_mesh/universes/frozen/restore", {"name": "kept"})
            self.assertEqual(len(instance.client("sqs", universe="frozen").list_queues()["QueueUrls"]), 1)

    @after_either_end
    def test_a_restart_keeps_fault_rules(self, end):
        rule = {"name": "busy", "service": "sqs", "operation": "SendMessage", "error": "ServiceUnavailable", "every": 2}
        with self.first(end) as instance:
            instance.client("sqs").create_queue(QueueName="q")
            instance.control("POST", "/_mesh/faults", [rule])
        with self.up() as instance:
            told = instance.control("GET", "/_mesh/faults")["faults"]
            self.assertEqual([(one["name"], one["every"]) for one in told], [("busy", 2)])
            sqs = instance.client("sqs")
            url = sqs.get_queue_url(QueueName="q")["QueueUrl"]
            sqs.send_message(QueueUrl=url, MessageBody="let through")
            with self.assertRaises(ClientError) as caught:
                sqs.send_message(QueueUrl=url, MessageBody="struck")
            self.assertEqual(caught.exception.response["Error"]["Code"], "ServiceUnavailable")

    @after_either_end
    def test_request_ids_are_not_given_twice(self, end):
        ids = []
        for _ in range(3):
            with self.first(end) as instance:
                sqs = instance.client("sqs")
                ids += [sqs.list_queues()["ResponseMetadata"]["RequestId"] for _ in range(3)]
        self.assertEqual(len(set(ids)), 9)


class Exports(Stored):
    def test_an_export_has_everything_in_it_and_is_its_owners_alone(self):
        file = self.directory.parent / "universe.mesh"
        with self.up() as instance:
            sqs, functions = instance.client("sqs"), instance.client("lambda")
            clock(instance, "freeze")
            make_function(instance)
            url = sqs.create_queue(QueueName="q", Attributes={"VisibilityTimeout": "100"})["QueueUrl"]
            sqs.send_message(QueueUrl=url, MessageBody="in flight")
            taken = sqs.receive_message(QueueUrl=url)["Messages"][0]
            sqs.send_message(QueueUrl=url, MessageBody="delayed", DelaySeconds=50)
            event = json.dumps({"id": "again", "fails": True})
            functions.invoke(FunctionName="f", InvocationType="Event", Payload=event)
            instance.control("POST", "/_mesh/universes/default/settle")
            rule = {"name": "busy", "service": "sqs", "operation": "PurgeQueue", "error": "ServiceUnavailable"}
            instance.control("POST", "/_mesh/faults", [rule])
            stood = now(instance)
            done = instance.run("universe", "export", str(file))
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        with mesh.running(run.BINARY, "--restore", str(file)) as instance:
            done = instance.run("universe", "import", str(file), "copy")
            self.assertEqual(done.returncode, 0, done.stderr)
            for universe in ("default", "copy"):
                with self.subTest(universe):
                    self.look(instance, universe, stood, taken)
        with file.open("r+b") as exported:
            exported.truncate(file.stat().st_size - 20)
        done = subprocess.run(
            [run.BINARY, "up", "--port", "0", "--restore", str(file)], capture_output=True, text=True, timeout=20
        )
        self.assertEqual(done.returncode, 1)
        self.assertIn("is not whole", done.stderr)
        self.assertIn("export the universe again", done.stderr)

    def look(self, instance, universe, stood, taken):
        sqs, functions = instance.client("sqs", universe=universe), instance.client("lambda", universe=universe)
        self.assertEqual(now(instance, universe), stood)
        url, called = (sqs.get_queue_url(QueueName=name)["QueueUrl"] for name in ("q", "called"))
        self.assertEqual(bodies(sqs, url), [])
        clock(instance, "advance", {"by": "50s"}, universe=universe)
        self.assertEqual(bodies(sqs, url), ["delayed"])
        self.assertEqual(bodies(sqs, called), ["again"], "the first attempt was before")
        clock(instance, "advance", {"by": "10s"}, universe=universe)
        self.assertEqual(bodies(sqs, called), ["again"], "the second falls due a minute after it")
        clock(instance, "advance", {"by": "40s"}, universe=universe)
        received = sqs.receive_message(QueueUrl=url)["Messages"][0]
        self.assertEqual((received["Body"], received["MessageId"]), ("in flight", taken["MessageId"]))
        answer = functions.invoke(FunctionName="f", Payload=json.dumps({"id": "x"}))
        self.assertEqual(json.loads(answer["Payload"].read()), "x")
        with self.assertRaises(ClientError) as caught:
            sqs.purge_queue(QueueUrl=url)
        self.assertEqual(caught.exception.response["Error"]["Code"], "ServiceUnavailable")


class FailingDisk(Stored):
    @contextlib.contextmanager
    def up_with_room(self, size, durability):
        """An instance whose files cannot grow beyond a size: the system says that there is no room."""
        command = [run.BINARY, "up", "--port", "0", "--json", "--data-dir", str(self.directory), "--durability", durability]
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        # The signal that comes with the limit stays ignored, as it is here.
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=limit, restore_signals=False
        )
        try:
            ready = json.loads(process.stdout.readline())
            yield mesh.Mesh(run.BINARY, process, ready["endpoint"], ready["port"])
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=10)
            process.stdout.close()
            process.stderr.close()

    def prepare(self):
        """Makes a queue and a table with an item, and answers how large a file may become so that there is little room."""
        with self.up() as instance:
            instance.client("sqs").create_queue(QueueName="q")
            db = instance.client("dynamodb")
            db.create_table(
                TableName="items", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}], BillingMode="PAY_PER_REQUEST",
            )
            db.put_item(TableName="items", Item=KEY)
        return (self.directory / "mesh-local.redb").stat().st_size + (1 << 20)

    def fill(self, instance):
        """Sends messages until there is no room, and answers the ids of those that were taken."""
        sqs = instance.client("sqs")
        url = sqs.get_queue_url(QueueName="q")["QueueUrl"]
        sent = []
        with self.assertRaises(ClientError) as caught:
            for number in range(2_000):
                sent.append(sqs.send_message(QueueUrl=url, MessageBody=f"{number} " + "x" * 100_000)["MessageId"])
        self.assert_refused(caught.exception)
        return sent

    def test_a_full_disk_makes_the_state_read_only_with_a_clear_error_and_a_restart_goes_on(self):
        size = self.prepare()
        with self.up_with_room(size, "strict") as instance:
            sent = self.fill(instance)
            for call in (
                lambda: instance.client("dynamodb").put_item(TableName="items", Item=KEY),
                lambda: instance.client("lambda").create_function(
                    FunctionName="f", Runtime="python3.11", Handler="a.b", Role=ROLE, Code={"ZipFile": archive(a_py="")}
                ),
                lambda: instance.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=TRUST),
            ):
                with self.assertRaises(ClientError) as caught:
                    call()
                self.assert_refused(caught.exception)
            self.assertEqual(instance.control("GET", "/_mesh/health")["status"], "ok")
            said = instance.process.stderr.readline()
            self.assertIn("the disk failed", said)
            self.assertIn("then start again", said)
            saved = self.directory.parent / "saved.mesh"
            done = instance.run("universe", "export", str(saved))
            self.assertEqual(done.returncode, 0, "what is in memory can be saved elsewhere")
        with self.up() as instance:
            sqs, db = instance.client("sqs"), instance.client("dynamodb")
            url = sqs.get_queue_url(QueueName="q")["QueueUrl"]
            received = []
            while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
                received += [message["MessageId"] for message in messages]
            self.assertLessEqual(set(sent), set(received), "what was acknowledged is there")
            self.assertEqual(db.get_item(TableName="items", Key=KEY)["Item"], KEY)
            sqs.send_message(QueueUrl=url, MessageBody="it goes on")

    def test_a_relaxed_instance_whose_disk_is_full_is_read_as_before(self):
        size = self.prepare()
        with self.up_with_room(size, "relaxed") as instance:
            self.fill(instance)
            sqs, db = instance.client("sqs"), instance.client("dynamodb")
            self.assertEqual(db.get_item(TableName="items", Key=KEY)["Item"], KEY)
            self.assertEqual(db.describe_table(TableName="items")["Table"]["ItemCount"], 1)
            self.assertEqual(len(sqs.list_queues()["QueueUrls"]), 1)
            with self.assertRaises(ClientError) as caught:
                db.delete_item(TableName="items", Key=KEY)
            self.assert_refused(caught.exception)
        with self.up() as instance:
            db = instance.client("dynamodb")
            self.assertEqual(db.get_item(TableName="items", Key=KEY)["Item"], KEY)
            db.delete_item(TableName="items", Key=KEY)

    def assert_refused(self, error):
        answer = error.response
        self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], 503)
        self.assertEqual(answer["Error"]["Code"], "ServiceUnavailable")
        self.assertIn("restart mesh-local", answer["Error"]["Message"])


def without_privilege():
    """Lets root's program be refused what a mode refuses everybody, where the system can."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl:
        prctl(24, 1)  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE


class Unwritable(Stored):
    def test_a_directory_that_may_not_be_written_is_refused_with_what_to_do(self):
        with self.up():
            pass
        empty = self.directory.parent / "empty"
        empty.mkdir()
        for directory in (empty, self.directory):
            for place in directory.iterdir():
                place.chmod(0o400)
            directory.chmod(0o500)
            self.addCleanup(directory.chmod, 0o700)
            done = subprocess.run(
                [run.BINARY, "up", "--port", "0", "--data-dir", str(directory)],
                capture_output=True, text=True, timeout=20, preexec_fn=without_privilege,
            )
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"the data directory {directory} cannot be used (Permission denied", done.stderr)
            self.assertIn("make it writable, or give another --data-dir", done.stderr)


class Volume(unittest.TestCase):
    def test_localstacks_variables_keep_the_state_in_its_volume_and_its_strategies_are_named(self):
        with tempfile.TemporaryDirectory() as volume:
            variables = {"PERSISTENCE": "1", "LOCALSTACK_VOLUME_DIR": volume}
            with mesh.running(run.BINARY, **variables) as instance:
                instance.client("sqs").create_queue(QueueName="q")
            file = pathlib.Path(volume) / "state/mesh-local/mesh-local.redb"
            self.assertTrue(file.exists())
            self.assertEqual(stat.S_IMODE(file.parent.stat().st_mode), 0o700)
            with mesh.running(
                run.BINARY, stderr=subprocess.PIPE, SNAPSHOT_SAVE_STRATEGY="MANUAL", **variables
            ) as instance:
                self.assertEqual(len(instance.client("sqs").list_queues()["QueueUrls"]), 1)
            said = instance.process.stderr.read()
            instance.process.stderr.close()
            self.assertIn("SNAPSHOT_SAVE_STRATEGY=MANUAL has no effect", said)
            self.assertIn("universe snapshot", said)


if __name__ == "__main__":
    unittest.main()
