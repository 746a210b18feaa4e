"""SNS as boto3 sees it."""

import base64
import contextlib
import http.server
import json
import queue
import threading
import urllib.request

import mesh
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


class Hook:
    """An endpoint that notes what it is sent."""

    def __init__(self):
        self.requests, self.answers = queue.Queue(), []
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                self.send_response(hook.answers.pop(0) if hook.answers else 200)
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
