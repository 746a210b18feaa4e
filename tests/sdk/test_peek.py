"""Looking into queues without receiving: LocalStack's door, and `mesh-local queues`."""

import json
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree

import mesh


class Peek(mesh.Case):
    def setUp(self):
        self.mesh.control("POST", "/_mesh/universes/default/reset", {})
        self.mesh.control("POST", "/_mesh/universes/default/clock/freeze", {})
        self.sqs = self.mesh.client("sqs")
        self.url = self.sqs.create_queue(QueueName="orders")["QueueUrl"]

    def peek(self, accept="application/json", place="", **parameters):
        query = urllib.parse.urlencode({"QueueUrl": self.url, **parameters} if not place else parameters)
        request = urllib.request.Request(
            f"{self.mesh.endpoint}/_aws/sqs/messages{place}?{query}", headers={"accept": accept}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read().decode()

    def messages(self, **options):
        found = json.loads(self.peek(**options))["ReceiveMessageResponse"]["ReceiveMessageResult"]
        return found and found["Message"]

    def fill(self):
        """Three messages: one in flight, one visible, one held back."""
        self.sqs.send_message(QueueUrl=self.url, MessageBody="in flight")
        self.receipt = self.sqs.receive_message(QueueUrl=self.url)["Messages"][0]["ReceiptHandle"]
        attribute = {"DataType": "String", "StringValue": "v"}
        self.sqs.send_message(QueueUrl=self.url, MessageBody="visible", MessageAttributes={"a": attribute})
        self.sqs.send_message(QueueUrl=self.url, MessageBody="delayed", DelaySeconds=900)

    def counts(self):
        attributes = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])["Attributes"]
        return [int(value) for name, value in sorted(attributes.items()) if name.startswith("Approximate")]

    def test_an_empty_queue_has_no_result(self):
        self.assertIsNone(self.messages())

    def test_what_is_visible_is_shown_and_the_rest_on_demand(self):
        self.fill()
        shown = self.messages()
        self.assertEqual(shown["Body"], "visible")
        self.assertNotIn("ReceiptHandle", shown)
        self.assertEqual(
            shown["MessageAttribute"], [{"Name": "a", "Value": {"DataType": "String", "StringValue": "v"}}]
        )
        shown = self.messages(ShowInvisible="true", ShowDelayed="true")
        self.assertEqual([message["Body"] for message in shown], ["in flight", "visible", "delayed"])
        self.assertEqual(shown[0]["ReceiptHandle"], self.receipt)
        state = lambda message, name: {it["Name"]: it["Value"] for it in message["Attribute"]}[name]
        self.assertEqual([state(message, "IsVisible") for message in shown], ["false", "true", "true"])
        self.assertEqual([state(message, "IsDelayed") for message in shown], ["false", "false", "true"])
        self.assertEqual([state(it, "ApproximateReceiveCount") for it in shown], ["1", "0", "0"])
        two = self.messages(ShowInvisible="true", ShowDelayed="true", MaxNumberOfMessages="2")
        self.assertEqual(len(two), 2)

    def test_it_changes_nothing(self):
        self.fill()
        before = self.counts()
        for _ in range(3):
            self.messages(ShowInvisible="true", ShowDelayed="true")
        self.assertEqual(self.counts(), before)
        received = self.sqs.receive_message(QueueUrl=self.url, AttributeNames=["ApproximateReceiveCount"])
        self.assertEqual(received["Messages"][0]["Attributes"], {"ApproximateReceiveCount": "1"})

    def test_it_answers_in_xml_and_by_path(self):
        self.fill()
        root = xml.etree.ElementTree.fromstring(self.peek(accept="*/*"))
        self.assertEqual(root.tag.rsplit("}")[-1], "ReceiveMessageResponse")
        bodies = [element.text for element in root.iter() if element.tag.endswith("}Body")]
        self.assertEqual(bodies, ["visible"])
        by_path = self.messages(place="/us-east-1/000000000000/orders")
        self.assertEqual(by_path["Body"], "visible")

    def test_a_queue_that_is_not_there_is_an_error_of_sqs(self):
        for options in [{"place": "/us-east-1/000000000000/other"}, {"place": "/nowhere"}, {"QueueUrl": ""}]:
            with self.subTest(options), self.assertRaises(urllib.error.HTTPError) as refused:
                self.peek(**options)
            with refused.exception as error:
                self.assertEqual(error.code, 400)
                self.assertIn("NonExistentQueue", error.read().decode())

    def test_the_command_line_lists_queues_and_looks_into_one(self):
        self.fill()
        told = self.mesh.run("queues", "--json")
        self.assertEqual(told.returncode, 0, told.stderr)
        listed = json.loads(told.stdout)
        self.assertEqual(
            [listed[name] for name in ("queue", "visible", "delayed", "in_flight")], ["orders", 1, 1, 1]
        )
        told = self.mesh.run("queues", "orders", "--json")
        self.assertEqual(told.returncode, 0, told.stderr)
        states = {it["body"]: it["state"] for it in map(json.loads, told.stdout.splitlines())}
        self.assertEqual(states, {"in flight": "in flight", "visible": "visible", "delayed": "delayed"})
        told = self.mesh.run("queues", "other")
        self.assertEqual(told.returncode, 1)
        self.assertIn("mesh-local queues lists them", told.stderr)
