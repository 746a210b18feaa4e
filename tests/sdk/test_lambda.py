"""Lambda as boto3 sees it: functions that run, that fail, that call back, and what is left of them."""

import base64
import concurrent.futures
import io
import json
import os
import pathlib
import resource
import shutil
import subprocess
import tempfile
import time
import unittest
import zipfile

import mesh
import run
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::000000000000:role/r"
QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"

# prints what a queue feeds it, and says that "bad" has failed the first time
FED = """
import json
def handler(event, context):
    failed = []
    for record in event["Records"]:
        count = record["attributes"]["ApproximateReceiveCount"]
        kind = record["messageAttributes"].get("kind", {}).get("stringValue")
        print("SEEN", json.dumps([record["body"], count, kind]))
        if (record["body"], count) == ("bad", "1"):
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
"""


def archive(**files):
    """A zip archive; `index_py` becomes index.py."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as written:
        for name, text in files.items():
            written.writestr(name.replace("_", "."), text)
    return buffer.getvalue()


def children(pid):
    """The processes that this one has started and that still run."""
    found = []
    for status in pathlib.Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
        except OSError:
            continue
        if fields.get("PPid") == str(pid) and not fields["State"].startswith("Z"):
            found.append(fields["Name"])
    return found


class Functions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.context = mesh.running(run.BINARY)
        cls.mesh = cls.context.__enter__()

    @classmethod
    def tearDownClass(cls):
        pid = cls.mesh.process.pid
        before = children(pid)
        cls.context.__exit__(None, None, None)
        assert not children(pid), before

    def setUp(self):
        self.mesh.control("POST", "/_mesh/universes/default/reset", {})
        self.functions = self.mesh.client("lambda")

    def create(self, code, name="f", runtime="python3.11", handler="index.handler", client=None, **options):
        key = "index_mjs" if runtime.startswith("node") else "index_py"
        return (client or self.functions).create_function(
            FunctionName=name, Runtime=runtime, Handler=handler, Role=ROLE, Timeout=options.pop("Timeout", 20),
            Code={"ZipFile": archive(**{key: code})}, **options
        )

    def invoke(self, event=None, name="f", client=None, **options):
        answer = (client or self.functions).invoke(FunctionName=name, Payload=json.dumps(event), **options)
        return json.loads(answer["Payload"].read()), answer

    def test_a_function_is_made_run_and_deleted(self):
        made = self.create("def handler(event, context):\n    print('hello')\n    return {'got': event}\n")
        self.assertEqual(made["FunctionArn"], "arn:aws:lambda:us-east-1:000000000000:function:f")
        self.functions.get_waiter("function_active_v2").wait(FunctionName="f")
        payload, answer = self.invoke({"snow": "\u2603"}, LogType="Tail")
        self.assertEqual(payload, {"got": {"snow": "\u2603"}})
        self.assertEqual((answer["StatusCode"], answer["ExecutedVersion"]), (200, "$LATEST"))
        self.assertNotIn("FunctionError", answer)
        log = base64.b64decode(answer["LogResult"]).decode()
        request_id = answer["ResponseMetadata"]["RequestId"]
        self.assertIn(f"START RequestId: {request_id} Version: $LATEST\nhello\nEND RequestId: {request_id}\n", log)
        self.functions.delete_function(FunctionName="f")
        with self.assertRaises(self.functions.exceptions.ResourceNotFoundException):
            self.functions.get_function(FunctionName="f")

    def test_an_error_of_the_function_is_an_answer(self):
        self.create("def handler(event, context):\n    raise ValueError('no')\n")
        payload, answer = self.invoke()
        self.assertEqual(answer["FunctionError"], "Unhandled")
        self.assertEqual((payload["errorType"], payload["errorMessage"]), ("ValueError", "no"))

    @unittest.skipUnless(shutil.which("node"), "there is no node on this machine")
    def test_node_runs_too(self):
        self.create("export const handler = async (event) => event.n + 1;\n", runtime="nodejs20.x")
        self.assertEqual(self.invoke({"n": 1})[0], 2)

    def seen(self, instance=None):
        """What `FED` has printed, in its order."""
        logs = (instance or self.mesh).client("logs")
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName="/aws/lambda/f", filterPattern="SEEN")
        events = [event for page in pages for event in page["events"]]
        return [json.loads(event["message"].split(" ", 1)[1]) for event in events]

    def test_a_queue_feeds_a_function(self):
        """What the function names has failed comes again, and all else is gone."""
        self.create(FED)
        queues = self.mesh.client("sqs")
        url = queues.create_queue(QueueName="q", Attributes={"VisibilityTimeout": "20"})["QueueUrl"]
        made = self.functions.create_event_source_mapping(
            FunctionName="f", EventSourceArn=QUEUE, FunctionResponseTypes=["ReportBatchItemFailures"],
            FilterCriteria={"Filters": [{"Pattern": json.dumps({"body": [{"anything-but": "filtered"}]})}]},
        )
        self.assertEqual(made["State"], "Creating")
        kind = {"kind": {"DataType": "String", "StringValue": "k"}}
        entries = [
            {"Id": body, "MessageBody": body, "MessageAttributes": kind} for body in ["good", "bad", "filtered"]
        ]
        queues.send_message_batch(QueueUrl=url, Entries=entries)
        self.mesh.control("POST", "/_mesh/universes/default/settle", {})
        self.assertEqual(self.functions.get_event_source_mapping(UUID=made["UUID"])["State"], "Enabled")
        self.assertEqual(sorted(self.seen()), [["bad", "1", "k"], ["good", "1", "k"]])
        self.mesh.control("POST", "/_mesh/universes/default/clock/advance", {"by": "21s"})
        self.assertEqual(self.seen()[2:], [["bad", "2", "k"]])
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        counts = queues.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        self.assertEqual(set(counts.values()), {"0"})
        listed = self.functions.get_paginator("list_event_source_mappings").paginate(FunctionName="f")
        self.assertEqual([it["UUID"] for page in listed for it in page["EventSourceMappings"]], [made["UUID"]])
        self.functions.delete_event_source_mapping(UUID=made["UUID"])
        self.mesh.control("POST", "/_mesh/universes/default/settle", {})
        with self.assertRaises(self.functions.exceptions.ResourceNotFoundException):
            self.functions.get_event_source_mapping(UUID=made["UUID"])

    def test_a_queue_feeds_a_function_after_a_restart(self):
        with tempfile.TemporaryDirectory() as directory:
            with mesh.running(run.BINARY, "--data-dir", directory) as before:
                self.create(FED, client=before.client("lambda"))
                url = before.client("sqs").create_queue(QueueName="q")["QueueUrl"]
                before.client("lambda").create_event_source_mapping(FunctionName="f", EventSourceArn=QUEUE)
                before.control("POST", "/_mesh/universes/default/settle", {})
            with mesh.running(run.BINARY, "--data-dir", directory) as after:
                url = after.client("sqs").get_queue_url(QueueName="q")["QueueUrl"]
                after.client("sqs").send_message(QueueUrl=url, MessageBody="good")
                after.control("POST", "/_mesh/universes/default/settle", {})
                self.assertEqual(self.seen(after), [["good", "1", None]])

    def test_an_archive_that_leads_out_is_refused(self):
        with self.assertRaises(ClientError) as caught:
            self.functions.create_function(
                FunctionName="f", Runtime="python3.11", Handler="a.b", Role=ROLE,
                Code={"ZipFile": archive(**{"../../evil": "x"})}
            )
        error = caught.exception.response["Error"]
        self.assertEqual(error["Code"], "InvalidParameterValueException")
        self.assertTrue(error["Message"].startswith("Could not unzip uploaded file."))

    def test_a_function_reaches_its_own_universe_and_account(self):
        """Its environment alone leads boto3, or here urllib, back to where the function is."""
        code = """
import json, os, urllib.request
def handler(event, context):
    key, region = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_REGION"]
    scope = f"{key}/20260101/{region}/sqs/aws4_request"
    request = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"] + "/", json.dumps({}).encode(), {
        "X-Amz-Target": "AmazonSQS.ListQueues", "Content-Type": "application/x-amz-json-1.0",
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
    })
    return json.load(urllib.request.urlopen(request, timeout=10)).get("QueueUrls", [])
"""
        self.mesh.control("POST", "/_mesh/universes", {"name": "other"})
        try:
            account = {"aws_access_key_id": "111111111111"}
            for universe, queue in [(None, "here"), ("other", "there")]:
                client = self.mesh.client("lambda", universe=universe, **account)
                self.mesh.client("sqs", universe=universe, **account).create_queue(QueueName=queue)
                self.create(code, client=client)
                urls, answer = self.invoke(client=client)
                self.assertNotIn("FunctionError", answer, urls)
                self.assertEqual([url.rsplit("/", 2)[1:] for url in urls], [["111111111111", queue]])
        finally:
            self.mesh.control("DELETE", "/_mesh/universes/other")

    def test_an_event_is_taken_at_once_and_run_later(self):
        self.create("def handler(event, context):\n    print('ran with', event)\n")
        answer = self.functions.invoke(FunctionName="f", InvocationType="Event", Payload="7")
        self.assertEqual((answer["StatusCode"], answer["Payload"].read()), (202, b""))
        self.mesh.control("POST", "/_mesh/universes/default/settle", {})
        events = self.mesh.client("logs").filter_log_events(logGroupName="/aws/lambda/f")["events"]
        self.assertIn("ran with 7\n", [event["message"] for event in events])

    def test_many_callers_get_each_its_own_answer(self):
        self.create("def handler(event, context):\n    return event\n")

        def call(number):
            return self.invoke(number)[0] == number

        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            self.assertTrue(all(pool.map(call, range(200))))

    def test_libraries_that_do_not_come_are_told_and_leave_nothing(self):
        with tempfile.TemporaryDirectory() as cache:
            offline = {"XDG_CACHE_HOME": cache, "PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0"}
            done = subprocess.run(
                [run.BINARY, "runtimes", "install", "python"], env={**os.environ, **offline},
                capture_output=True, text=True, timeout=60,
            )
            self.assertEqual(done.returncode, 1)
            self.assertIn("boto3 goes to", done.stdout)
            self.assertIn("It needs the network", done.stderr)
            self.assertEqual(list(pathlib.Path(cache, "mesh-local/libraries").iterdir()), [])

    def test_few_open_files_throttle_and_hang_nobody(self):
        """64 clients of an instance that may open 200 files: each gets its answer, or AWS's throttle."""
        with mesh.running(run.BINARY) as small:
            functions = small.client("lambda", config={"max_pool_connections": 64})
            self.create("import time\ndef handler(event, context):\n    time.sleep(0.2)\n    return event\n", client=functions)
            self.assertEqual(self.invoke(0, client=functions)[0], 0)
            resource.prlimit(small.process.pid, resource.RLIMIT_NOFILE, (200, 200))

            def call(number):
                try:
                    return self.invoke(number, client=functions)[0] == number
                except ClientError as refused:
                    return refused.response["Error"]["Code"]

            with concurrent.futures.ThreadPoolExecutor(64) as pool:
                answers = set(pool.map(call, range(64)))
            self.assertLessEqual(answers, {True, "TooManyRequestsException"})
            self.assertIn(True, answers)
            self.assertEqual(self.invoke(1, client=functions)[0], 1)

    def test_a_deleted_function_leaves_no_process(self):
        self.create("def handler(event, context):\n    return 1\n")
        self.assertEqual(self.invoke()[0], 1)
        self.assertTrue(children(self.mesh.process.pid))
        self.functions.delete_function(FunctionName="f")
        end = time.monotonic() + 10
        while children(self.mesh.process.pid):
            self.assertLess(time.monotonic(), end, "its process still runs")


if __name__ == "__main__":
    unittest.main()
