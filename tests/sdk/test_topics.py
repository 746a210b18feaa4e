"""SNS as boto3 sees it."""

import base64
import contextlib
import http.server
import io
import json
import queue
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse
import urllib.request
import zipfile

import mesh
import run
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding


class Topics(mesh.Case):
    def setUp(self):
        self.mesh.control("POST", "/_mesh/universes/default/reset", {})
        self.sns = self.mesh.client("sns")
        self.sqs = self.mesh.client("sqs")

    def settle(self):
        self.mesh.control("POST", "/_mesh/universes/default/settle", {})

    def queue(self, name="q", region="us-east-1"):
        sqs = self.mesh.client("sqs", region_name=region)
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
        return url, f"arn:aws:sqs:{region}:000000000000:{name}"

    def receive(self, url):
        received = self.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], WaitTimeSeconds=5
        )
        return received.get("Messages", [])

    def test_a_message_reaches_a_queue(self):
        topic = self.sns.create_topic(Name="orders")["TopicArn"]
        self.assertEqual(topic, "arn:aws:sns:us-east-1:000000000000:orders")
        url, arn = self.queue()
        subscription = self.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)["SubscriptionArn"]
        attributes = {"colour": {"DataType": "String", "StringValue": "blue"}}
        sent = self.sns.publish(TopicArn=topic, Message="hello \u2603", Subject="s", MessageAttributes=attributes)
        received = self.receive(url)
        self.assertEqual(len(received), 1)
        self.assertNotIn("MessageAttributes", received[0])
        envelope = json.loads(received[0]["Body"])
        self.assertEqual(envelope["Type"], "Notification")
        self.assertEqual(envelope["MessageId"], sent["MessageId"])
        self.assertEqual(envelope["TopicArn"], topic)
        self.assertEqual((envelope["Message"], envelope["Subject"]), ("hello \u2603", "s"))
        self.assertEqual(envelope["MessageAttributes"], {"colour": {"Type": "String", "Value": "blue"}})
        self.assertIn("Action=Unsubscribe", envelope["UnsubscribeURL"])
        self.sns.unsubscribe(SubscriptionArn=subscription)
        self.sns.publish(TopicArn=topic, Message="to nobody")
        self.settle()
        self.assertNotIn("Messages", self.sqs.receive_message(QueueUrl=url))

    def test_a_raw_message_keeps_its_attributes(self):
        topic = self.sns.create_topic(Name="t")["TopicArn"]
        url, arn = self.queue()
        self.sns.subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"}
        )
        attributes = {
            "number": {"DataType": "Number", "StringValue": "99.12"},
            "raw": {"DataType": "Binary", "BinaryValue": b"\x02\x03\x04"},
            "list": {"DataType": "String.Array", "StringValue": '["a", 1]'},
        }
        self.sns.publish(TopicArn=topic, Message="as it is", MessageAttributes=attributes)
        # boto3 checks the digests of what it is answered.
        received = self.receive(url)
        self.assertEqual([message["Body"] for message in received], ["as it is"])
        self.assertEqual(received[0]["MessageAttributes"], attributes)

    def test_a_fifo_topic_keeps_the_order_of_its_groups_and_takes_a_message_once(self):
        topic = self.sns.create_topic(
            Name="t.fifo", Attributes={"FifoTopic": "true", "ContentBasedDeduplication": "true"}
        )["TopicArn"]
        url = self.sqs.create_queue(QueueName="q.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
        arn = "arn:aws:sqs:us-east-1:000000000000:q.fifo"
        self.sns.subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"}
        )
        texts = [f"{group}{number}" for number in range(5) for group in "ab"]
        numbers = [
            self.sns.publish(TopicArn=topic, Message=text, MessageGroupId=text[0])["SequenceNumber"]
            for text in texts
        ]
        self.assertEqual(numbers, sorted(set(numbers)))
        again = self.sns.publish(TopicArn=topic, Message=texts[0], MessageGroupId="a")
        self.assertEqual(again["SequenceNumber"], numbers[0])
        self.settle()
        received = []
        while batch := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in batch:
                received.append(message["Body"])
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        for group in "ab":
            self.assertEqual([text for text in received if text[0] == group], [text for text in texts if text[0] == group])
        self.assertEqual(len(received), len(texts))

    def test_an_endpoint_confirms_and_verifies_what_it_is_sent(self):
        topic = self.sns.create_topic(Name="web")["TopicArn"]
        for version in ["1", "2"]:
            self.sns.set_topic_attributes(TopicArn=topic, AttributeName="SignatureVersion", AttributeValue=version)
            with endpoint() as hook:
                self.sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=hook.url)
                headers, body = hook.next()
                self.assertEqual(headers["x-amz-sns-message-type"], "SubscriptionConfirmation")
                self.assertEqual(headers["x-amz-sns-topic-arn"], topic)
                self.assertNotIn("x-amz-sns-subscription-arn", headers)
                question = json.loads(body)
                self.assertEqual(question["SignatureVersion"], version)
                verify(question)
                # who has the message confirms without credentials
                with urllib.request.urlopen(question["SubscribeURL"]) as answer:
                    self.assertIn(b"<SubscriptionArn>arn:aws:sns:", answer.read())
                sent = self.sns.publish(TopicArn=topic, Message="m\u2603", Subject="s")
                headers, body = hook.next()
                self.assertEqual(headers["x-amz-sns-message-type"], "Notification")
                self.assertEqual(headers["x-amz-sns-message-id"], sent["MessageId"])
                self.assertEqual(headers["content-type"], "text/plain; charset=UTF-8")
                self.assertEqual(headers["user-agent"], "Amazon Simple Notification Service Agent")
                notification = json.loads(body)
                self.assertEqual(notification["Message"], "m\u2603")
                verify(notification)
                with self.assertRaises(InvalidSignature):
                    verify({**notification, "Message": "forged"})
                arn = headers["x-amz-sns-subscription-arn"]
                urllib.request.urlopen(notification["UnsubscribeURL"]).close()
                headers, body = hook.next()
                self.assertEqual(headers["x-amz-sns-message-type"], "UnsubscribeConfirmation")
                farewell = json.loads(body)
                verify(farewell)
                self.assertEqual(self.sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"], [])
                # ... and it can be had again
                urllib.request.urlopen(farewell["SubscribeURL"]).close()
                found = self.sns.list_subscriptions()["Subscriptions"]
                self.assertEqual([one["SubscriptionArn"] for one in found], [arn])
                self.sns.unsubscribe(SubscriptionArn=arn)

    def test_an_endpoint_that_fails_is_tried_again_and_one_that_refuses_is_not(self):
        topic = self.sns.create_topic(Name="web")["TopicArn"]
        url, dead = self.queue("dead")
        with endpoint() as hook:
            policy = {"healthyRetryPolicy": {"numRetries": 2, "minDelayTarget": 30, "maxDelayTarget": 30}}
            subscription = self.sns.subscribe(
                TopicArn=topic,
                Protocol="http",
                Endpoint=hook.url,
                Attributes={
                    "RawMessageDelivery": "true",
                    "DeliveryPolicy": json.dumps(policy),
                    "RedrivePolicy": json.dumps({"deadLetterTargetArn": dead}),
                },
                ReturnSubscriptionArn=True,
            )["SubscriptionArn"]
            question = json.loads(hook.next()[1])
            self.sns.confirm_subscription(TopicArn=topic, Token=question["Token"])
            shown = self.sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]
            self.assertEqual(json.loads(shown["EffectiveDeliveryPolicy"])["healthyRetryPolicy"]["numRetries"], 2)
            hook.answers[:] = [500, 500, 200]
            self.sns.publish(TopicArn=topic, Message="raw")
            headers, body = hook.next()
            self.assertEqual((headers["x-amz-sns-rawdelivery"], body), ("true", b"raw"))
            self.mesh.control("POST", "/_mesh/universes/default/clock/advance", {"by": "30s"})
            hook.next()
            self.mesh.control("POST", "/_mesh/universes/default/clock/advance", {"by": "30s"})
            hook.next()
            self.settle()
            self.assertNotIn("Messages", self.sqs.receive_message(QueueUrl=url))
            # one that would have it elsewhere, or refuses it, is not asked again
            for status in [302, 403]:
                hook.answers[:] = [status]
                sent = self.sns.publish(TopicArn=topic, Message=f"refused {status}")
                hook.next()
                received = self.receive(url)
                self.assertEqual([message["Body"] for message in received], [f"refused {status}"])
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=received[0]["ReceiptHandle"])
                why = self.mesh.run("why", sent["MessageId"])
                self.assertIn("dead-lettered", why.stdout, why)

    def test_an_endpoint_that_hangs_is_tried_again(self):
        topic = self.sns.create_topic(Name="web")["TopicArn"]
        with endpoint() as hook:
            self.sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=hook.url)
            self.sns.confirm_subscription(TopicArn=topic, Token=json.loads(hook.next()[1])["Token"])
            hook.answers[:] = ["never", 200]
            sent = self.sns.publish(TopicArn=topic, Message="m")
            hook.next()
            # AWS waits for fifteen seconds, and so does mesh-local: until then the attempt is under way
            deadline = time.monotonic() + 30
            while "no answer in 15 seconds" not in self.mesh.run("why", sent["MessageId"]).stdout:
                self.assertLess(time.monotonic(), deadline)
            self.mesh.control("POST", "/_mesh/universes/default/clock/advance", {"by": "20s"})
            headers, _ = hook.next()
            self.assertEqual(headers["x-amz-sns-message-id"], sent["MessageId"])
            hook.released.set()

    def test_why_tells_what_became_of_a_message_for_each_subscription(self):
        topic = self.sns.create_topic(Name="t")["TopicArn"]
        _, there = self.queue("there")
        _, picky = self.queue("picky")
        _, dead = self.queue("dead")
        gone = "arn:aws:sqs:us-east-1:000000000000:gone"
        redrive = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": dead})}
        for arn, attributes in [
            (there, {}),
            (picky, {"FilterPolicy": json.dumps({"colour": ["blue", {"prefix": "green"}]})}),
            (gone, redrive),
        ]:
            self.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
        attributes = {"colour": {"DataType": "String", "StringValue": "red"}}
        sent = self.sns.publish(TopicArn=topic, Message="m", MessageAttributes=attributes)
        self.settle()
        tree = self.mesh.run("why", sent["MessageId"])
        self.assertEqual(tree.returncode, 0, tree)
        lines = tree.stdout.splitlines()
        line = lambda *words: [line for line in lines if all(word in line for word in words)]
        self.assertTrue(line("sns", "Publish"), tree.stdout)
        self.assertTrue(line(there, "delivered"), tree.stdout)
        self.assertTrue(line(picky, "filtered", "colour", "red"), tree.stdout)
        self.assertTrue(line(gone, "dead-lettered", dead), tree.stdout)
        self.assertTrue(line("sqs", "SendMessage"), tree.stdout)

    def test_a_function_that_lets_the_topic_is_invoked_with_the_event_of_aws(self):
        handler = "import json\ndef handler(event, context):\n    print('EVENT ' + json.dumps(event))\n"
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as zipped:
            zipped.writestr("index.py", handler)
        functions = self.mesh.client("lambda")
        function = functions.create_function(
            FunctionName="f",
            Runtime=f"python3.{sys.version_info.minor}",
            Role="arn:aws:iam::000000000000:role/r",
            Handler="index.handler",
            Code={"ZipFile": archive.getvalue()},
        )["FunctionArn"]
        topic = self.sns.create_topic(Name="t", Attributes={"SignatureVersion": "2"})["TopicArn"]
        dead = "arn:aws:sqs:us-east-1:000000000000:dead"
        dead_letters = self.sqs.create_queue(QueueName="dead")["QueueUrl"]
        subscription = self.sns.subscribe(
            TopicArn=topic,
            Protocol="lambda",
            Endpoint=function,
            Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": dead})},
        )["SubscriptionArn"]
        refused = self.sns.publish(TopicArn=topic, Message="too early")
        self.settle()
        (letter,) = self.sqs.receive_message(QueueUrl=dead_letters)["Messages"]
        self.assertEqual(json.loads(letter["Body"])["Message"], "too early")
        tree = self.mesh.run("why", refused["MessageId"]).stdout
        self.assertIn("AccessDeniedException", tree)
        functions.add_permission(
            FunctionName="f",
            StatementId="t",
            Action="lambda:InvokeFunction",
            Principal="sns.amazonaws.com",
            SourceArn=topic,
        )
        attributes = {"n": {"DataType": "Number", "StringValue": "1"}}
        sent = self.sns.publish(TopicArn=topic, Message="hello", MessageAttributes=attributes)
        self.settle()
        events = self.mesh.client("logs").filter_log_events(logGroupName="/aws/lambda/f")["events"]
        lines = [line["message"] for line in events if line["message"].startswith("EVENT ")]
        self.assertEqual(len(lines), 1, events)
        (record,) = json.loads(lines[0].removeprefix("EVENT "))["Records"]
        self.assertEqual(record["EventSource"], "aws:sns")
        self.assertEqual(record["EventVersion"], "1.0")
        self.assertEqual(record["EventSubscriptionArn"], subscription)
        sns = record["Sns"]
        self.assertEqual((sns["Message"], sns["Subject"], sns["MessageId"]), ("hello", None, sent["MessageId"]))
        self.assertEqual(sns["MessageAttributes"], {"n": {"Type": "Number", "Value": "1"}})
        # recordings/sns.json::test_publish_lambda_verify_signature[2]
        self.assertEqual(sns["SignatureVersion"], "1")
        verify({**{k: v for k, v in sns.items() if v is not None}, "SigningCertURL": sns["SigningCertUrl"]})

    def test_what_is_sent_to_people_can_be_looked_at(self):
        topic = self.sns.create_topic(Name="t")["TopicArn"]
        application = self.sns.create_platform_application(
            Name="shop", Platform="APNS", Attributes={"PlatformCredential": "c", "PlatformPrincipal": "p"}
        )["PlatformApplicationArn"]
        device = self.sns.create_platform_endpoint(PlatformApplicationArn=application, Token="d")["EndpointArn"]
        self.sns.subscribe(TopicArn=topic, Protocol="application", Endpoint=device)
        self.sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint="+15551234567")
        email = self.sns.subscribe(
            TopicArn=topic, Protocol="email", Endpoint="someone@example.com", ReturnSubscriptionArn=True
        )["SubscriptionArn"]
        self.settle()
        token = self.mesh.control("GET", f"/_aws/sns/subscription-tokens/{email}")["subscription_token"]
        self.sns.confirm_subscription(TopicArn=topic, Token=token)
        texts = {"default": "to all", "APNS": json.dumps({"aps": {}}), "sms": "short"}
        sent = self.sns.publish(TopicArn=topic, Message=json.dumps(texts), MessageStructure="json", Subject="s")
        self.sns.publish(PhoneNumber="+15557654321", Message="directly")
        self.settle()
        shown = self.mesh.control("GET", "/_aws/sns/platform-endpoint-messages")
        self.assertEqual(shown["region"], "us-east-1")
        (pushed,) = shown["platform_endpoint_messages"][device]
        self.assertEqual((pushed["Message"], pushed["MessageId"]), (texts["APNS"], sent["MessageId"]))
        shown = self.mesh.control("GET", "/_aws/sns/sms-messages")["sms_messages"]
        self.assertEqual({number: [m["Message"] for m in shown[number]] for number in shown}, {
            "+15551234567": ["short"],
            "+15557654321": ["directly"],
        })
        mails = self.mesh.control("GET", "/_aws/sns/email-messages")["email_messages"]["someone@example.com"]
        self.assertIn("Action=ConfirmSubscription", mails[0]["Message"])
        self.assertEqual((mails[1]["Message"], mails[1]["Subject"]), ("to all", "s"))
        self.mesh.control("DELETE", "/_aws/sns/sms-messages?phoneNumber=%2B15551234567")
        shown = self.mesh.control("GET", "/_aws/sns/sms-messages")["sms_messages"]
        self.assertEqual(list(shown), ["+15557654321"])
        # who has opted out is sent nothing
        self.mesh.control("POST", "/_aws/sns/phone-opt-outs", {"phoneNumber": "+15557654321"})
        self.assertTrue(self.sns.check_if_phone_number_is_opted_out(phoneNumber="+15557654321")["isOptedOut"])
        self.sns.publish(PhoneNumber="+15557654321", Message="unwanted")
        shown = self.mesh.control("GET", "/_aws/sns/sms-messages")["sms_messages"]
        self.assertEqual([m["Message"] for m in shown["+15557654321"]], ["directly"])

    def test_lists_come_in_pages(self):
        for number in range(101):
            self.sns.create_topic(Name=f"t{number:03}")
        pages = list(self.sns.get_paginator("list_topics").paginate())
        self.assertEqual([len(page["Topics"]) for page in pages], [100, 1])
        topic = self.sns.create_topic(Name="t000")["TopicArn"]
        for number in range(101):
            arn = f"arn:aws:sqs:us-east-1:000000000000:q{number}"
            self.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        pages = list(self.sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic))
        self.assertEqual([len(page["Subscriptions"]) for page in pages], [100, 1])
        pages = list(self.sns.get_paginator("list_subscriptions").paginate())
        self.assertEqual([len(page["Subscriptions"]) for page in pages], [100, 1])


class Restarts(unittest.TestCase):
    def test_topics_subscriptions_and_what_is_owed_are_there_after_a_restart(self):
        with tempfile.TemporaryDirectory() as folder, endpoint() as hook:
            hook.answers[:] = [200, 500]
            with mesh.running(run.BINARY, "--data-dir", folder) as before:
                sns = before.client("sns")
                topic = sns.create_topic(Name="t", Tags=[{"Key": "k", "Value": "v"}])["TopicArn"]
                sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=hook.url)
                question = json.loads(hook.next()[1])
                sns.confirm_subscription(TopicArn=topic, Token=question["Token"])
                sent = sns.publish(TopicArn=topic, Message="over the end")
                hook.next()
            with mesh.running(run.BINARY, "--data-dir", folder) as after:
                sns = after.client("sns")
                self.assertEqual(sns.list_tags_for_resource(ResourceArn=topic)["Tags"], [{"Key": "k", "Value": "v"}])
                after.control("POST", "/_mesh/universes/default/clock/advance", {"by": "20s"})
                headers, body = hook.next()
                self.assertEqual(headers["x-amz-sns-message-id"], sent["MessageId"])
                # the certificate is the same, wherever the program answers now
                message = json.loads(body)
                path = urllib.parse.urlsplit(message["SigningCertURL"]).path
                verify({**message, "SigningCertURL": after.endpoint + path})


class Hook:
    """An endpoint that notes what it is sent."""

    def __init__(self):
        self.requests, self.answers, self.released = queue.Queue(), [], threading.Event()
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                answer = hook.answers.pop(0) if hook.answers else 200
                if answer == "never":
                    hook.requests.put((headers, body))
                    hook.released.wait(60)
                    return
                self.send_response(answer)
                self.send_header("content-length", "0")
                self.end_headers()
                hook.requests.put((headers, body))

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def next(self):
        return self.requests.get(timeout=20)


@contextlib.contextmanager
def endpoint():
    hook = Hook()
    thread = threading.Thread(target=hook.server.serve_forever)
    thread.start()
    try:
        yield hook
    finally:
        hook.released.set()
        hook.server.shutdown()
        thread.join()
        hook.server.server_close()


def verify(message):
    """Checks a message as AWS describes it."""
    with urllib.request.urlopen(message["SigningCertURL"]) as answer:
        certificate = x509.load_pem_x509_certificate(answer.read())
    names = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    text = "".join(f"{name}\n{message[name]}\n" for name in names if name in message)
    digest = {"1": hashes.SHA1, "2": hashes.SHA256}[message["SignatureVersion"]]
    signature = base64.b64decode(message["Signature"])
    certificate.public_key().verify(signature, text.encode(), padding.PKCS1v15(), digest())
