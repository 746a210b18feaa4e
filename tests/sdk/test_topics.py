"""SNS as boto3 sees it."""

import json

import mesh


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
