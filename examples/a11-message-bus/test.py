"""The message bus with real clients: python test.py BINARY.

Runs every command of README.md against a mesh-local of its own and compares the answers, then uses what was deployed with
the AWS SDK for JavaScript and the AWS CLI. A tool that is not there is skipped by its name.
"""

import json
import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import example  # noqa: E402

WANTED = {"lambda": "CreateEventSourceMapping", "sns": "Subscribe", "sqs": "ListDeadLetterSourceQueues"}


class Bus(example.Example):
    here = HERE

    def deploy(self):
        self.run_(sys.executable, "deploy.py")

    def settle(self):
        self.mesh.control("POST", "/_mesh/universes/default/settle", {})

    def bus(self, *arguments):
        """The lines that bus.py writes."""
        return self.run_(sys.executable, "bus.py", *arguments).splitlines()

    def needs_node(self):
        if shutil.which("node") is None:
            self.skipTest("node is not installed, and a function of the bus is in it")

    def test_the_page_tells_the_truth(self):
        self.needs_node()
        self.follow("A walk")

    def test_many_orders_are_each_billed_once(self):
        self.needs_node()
        self.deploy()
        sns = self.mesh.client("sns")
        topic = sns.create_topic(Name="orders")["TopicArn"]
        for start in range(0, 50, 10):
            entries = [
                {
                    "Id": str(number),
                    "Message": json.dumps({"id": f"order-{number:02}", "amount": 1}),
                    "MessageAttributes": {
                        "kind": {"DataType": "String", "StringValue": "goods" if number % 2 else "magazine"}
                    },
                }
                for number in range(start, start + 10)
            ]
            sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)
        self.settle()
        billed = [json.loads(line.removeprefix("BILLED "))["order"] for line in self.bus("log", "billing")]
        self.assertEqual(billed, [f"order-{number:02}" for number in range(50)])
        shipped = [json.loads(line.removeprefix("SHIPPED "))["order"] for line in self.bus("log", "shipping")]
        self.assertEqual(shipped, [f"order-{number:02}" for number in range(1, 50, 2)])
        self.assertEqual(self.bus("queues"), ["billing       0 0", "billing-dead  0 0", "shipping      0 0"])

    def test_a_fork_works_on_its_own_orders(self):
        self.needs_node()
        self.deploy()
        self.mesh.control("POST", "/_mesh/universes", {"name": "try", "from": "default"})
        self.addCleanup(self.mesh.control, "DELETE", "/_mesh/universes/try")
        here = self.environment
        self.environment = {**here, "AWS_ENDPOINT_URL": f"{self.mesh.endpoint}/_mesh/u/try"}
        self.bus("publish", "tea", "20", "goods")
        self.mesh.control("POST", "/_mesh/universes/try/settle", {})
        self.assertEqual(self.bus("log", "billing"), ['BILLED {"order": "tea", "amount": 20}'])
        self.environment = here
        self.settle()
        groups = self.mesh.client("logs").describe_log_groups()["logGroups"]
        self.assertEqual(groups, [])

    def test_the_sdk_for_javascript_uses_what_was_deployed(self):
        self.needs_packages("clients")
        self.deploy()
        self.assertEqual(self.run_("node", "clients/javascript.mjs"), "javascript: done\n")

    def test_the_command_line_uses_what_was_deployed(self):
        self.deploy()
        topic = self.aws("sns", "list-topics")["Topics"][0]["TopicArn"]
        kind = json.dumps({"kind": {"DataType": "String", "StringValue": "magazine"}})
        message = json.dumps({"id": "cli", "amount": 3})
        sent = self.aws("sns", "publish", "--topic-arn", topic, "--message", message, "--message-attributes", kind)
        self.assertEqual(len(sent["MessageId"]), 36)
        self.settle()
        self.assertEqual(self.bus("log", "billing"), ['BILLED {"order": "cli", "amount": 3}'])
        mappings = self.aws("lambda", "list-event-source-mappings", "--function-name", "billing")["EventSourceMappings"]
        self.assertEqual([it["State"] for it in mappings], ["Enabled"])
        off = self.aws("lambda", "update-event-source-mapping", "--uuid", mappings[0]["UUID"], "--no-enabled")
        self.assertEqual(off["State"], "Disabling")
        sources = self.aws("sqs", "list-dead-letter-source-queues", "--queue-url", self.url("billing-dead"))
        self.assertEqual([url.rsplit("/", 1)[1] for url in sources["queueUrls"]], ["billing"])

    def url(self, queue):
        return self.aws("sqs", "get-queue-url", "--queue-name", queue)["QueueUrl"]

    def test_deploying_without_an_endpoint_is_refused(self):
        self.check_that_an_endpoint_is_wanted()


if __name__ == "__main__":
    example.main(Bus, WANTED)
