"""The orders service with real clients: python test.py BINARY.

Runs every command of README.md against a mesh-local of its own and compares the answers, then uses what was deployed with
the AWS SDKs for JavaScript and Rust and the AWS CLI. A tool that is not there is skipped by its name.
"""

import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import example  # noqa: E402
import mesh  # noqa: E402
from example import ROOT  # noqa: E402

WANTED = {"lambda": "CreateFunction", "apigateway": "CreateRestApi", "apigatewayv2": "CreateApi"}


class Orders(example.Example):
    here = HERE

    def deploy(self, flavour):
        """The URLs of the two APIs."""
        return dict(line.split("=", 1) for line in self.run_(sys.executable, "deploy.py", flavour).splitlines())

    def call(self, url, body=None):
        """Status and content of an answer."""
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"content-type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                self.assertEqual(answer.headers["content-type"], "application/json")
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, json.load(refused)

    def check_service(self, base):
        """All that the service promises, at one URL."""
        made = []
        for item, quantity in (("tea", 2), ("milk", 1)):
            status, order = self.call(f"{base}/orders", {"customer": "Zoë & co", "item": item, "quantity": quantity})
            self.assertEqual(status, 201)
            self.assertEqual((order["customer"], order["item"], order["quantity"]), ("Zoë & co", item, quantity))
            self.assertEqual(self.call(f"{base}/orders/{order['id']}"), (200, order))
            made.append(order)
        customer = urllib.parse.urlencode({"customer": "Zoë & co"})
        status, listed = self.call(f"{base}/orders?{customer}")
        self.assertEqual(status, 200)
        mine = [order for order in listed["orders"] if order in made]
        self.assertCountEqual(mine, made)
        self.assertEqual([order["created"] for order in mine], sorted(order["created"] for order in made))
        self.assertEqual(self.call(f"{base}/orders?customer=nobody"), (200, {"orders": []}))
        self.assertEqual(self.call(f"{base}/orders/absent"), (404, {"message": "there is no order absent"}))
        for body, message in (
            (b"{", "the body is not JSON"),
            (b"[]", "the body is not an object"),
            (b"null", "the body is not an object"),
            ({}, "customer must be a text"),
            ({"customer": 1, "item": "tea"}, "customer must be a text"),
            ({"customer": "ann", "item": ""}, "item must be a text"),
            ({"customer": "ann", "item": "tea", "quantity": 1.5}, "quantity must be a whole number from 1 to 1000"),
            ({"customer": "ann", "item": "tea", "quantity": True}, "quantity must be a whole number from 1 to 1000"),
        ):
            self.assertEqual(self.call(f"{base}/orders", body), (400, {"message": message}), body)
        self.assertEqual(self.call(f"{base}/orders")[0], 400)

    def check_flavour(self, flavour):
        urls = self.deploy(flavour)
        for base in urls.values():
            self.check_service(base)
        self.assertEqual(self.deploy(flavour), urls)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            orders = [{"customer": "many", "item": f"item {number}"} for number in range(20)]
            statuses = {status for status, _ in pool.map(lambda order: self.call(urls["HTTP"] + "/orders", order), orders)}
        self.assertEqual(statuses, {201})
        _, listed = self.call(urls["REST"] + "/orders?customer=many")
        self.assertCountEqual([order["item"] for order in listed["orders"]], [order["item"] for order in orders])

    def test_the_page_for_python_tells_the_truth(self):
        self.follow("Python")

    def test_the_page_for_node_tells_the_truth(self):
        self.needs_packages("orders/node")
        self.follow("Node")

    def test_the_service_in_python_keeps_its_promises(self):
        self.check_flavour("python")

    def test_the_service_in_node_keeps_its_promises(self):
        self.needs_packages("orders/node")
        self.check_flavour("node")

    def test_a_function_is_logged(self):
        base = self.deploy("python")["HTTP"]
        self.assertEqual(self.call(f"{base}/orders/absent")[0], 404)
        logs = self.mesh.client("logs")
        events = logs.filter_log_events(logGroupName="/aws/lambda/orders-python")["events"]
        words = {event["message"].split(" ")[0] for event in events}
        self.assertLessEqual({"START", "END", "REPORT"}, words)

    def test_the_sdk_for_javascript_uses_what_was_deployed(self):
        self.needs_packages("clients")
        self.deploy("python")
        self.assertEqual(self.run_("node", "clients/javascript.mjs", "orders-python"), "javascript: done\n")

    def test_the_sdk_for_rust_uses_what_was_deployed(self):
        if shutil.which("cargo") is None:
            self.skipTest("cargo is not installed")
        # For one package alone cargo would choose other features than for all, and compile the SDK once more.
        build = ["cargo", "build", "--quiet", "--workspace", "--example", "aws-sdk-rust", "--message-format", "json"]
        told = subprocess.run(build, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, timeout=1200).stdout
        artifacts = [json.loads(line) for line in told.splitlines()]
        program = next(one["executable"] for one in artifacts if one.get("target", {}).get("name") == "aws-sdk-rust")
        self.environment = {**self.environment, "ORDERS_FUNCTION": "orders-python", "ORDERS_API": self.deploy("python")["HTTP"]}
        self.assertEqual(self.run_(program), "rust: done\n")

    def test_the_command_line_uses_what_was_deployed(self):
        aws = self.aws
        base = self.deploy("python")["HTTP"]
        _, order = self.call(f"{base}/orders", {"customer": "cli", "item": "tea"})

        function = aws("lambda", "get-function", "--function-name", "orders-python")["Configuration"]
        quick = ("--protocol-type", "HTTP", "--target", function["FunctionArn"], "--route-key", "GET /orders")
        api = aws("apigatewayv2", "create-api", "--name", "cli", *quick)
        source = f"arn:aws:execute-api:us-east-1:000000000000:{api['ApiId']}/*"
        grant = ("--action", "lambda:InvokeFunction", "--principal", "apigateway.amazonaws.com", "--source-arn", source)
        aws("lambda", "add-permission", "--function-name", "orders-python", "--statement-id", "cli", *grant)
        self.assertEqual(self.call(f"{api['ApiEndpoint']}/orders?customer=cli"), (200, {"orders": [order]}))
        event = {"httpMethod": "GET", "pathParameters": {"id": order["id"]}}
        invoke = ("--function-name", "orders-python", "--payload", json.dumps(event), "answer.json")
        self.assertNotIn("FunctionError", aws("lambda", "invoke", *invoke))
        answer = json.loads((self.copy / "answer.json").read_text())
        self.assertEqual((answer["statusCode"], json.loads(answer["body"])), (200, order))
        key = json.dumps({"id": {"S": order["id"]}})
        item = aws("dynamodb", "get-item", "--table-name", "orders", "--key", key)["Item"]
        self.assertEqual(item["item"], {"S": "tea"})
        resources = aws("apigateway", "get-rest-apis")["items"]
        self.assertEqual([resource["name"] for resource in resources], ["orders-python"])

    def test_a_python_without_boto3_is_told_what_to_do(self):
        bare = self.copy / "bare"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(bare)], check=True, timeout=60)
        path = os.environ["PATH"]
        os.environ["PATH"] = f"{bare / 'bin'}{os.pathsep}{path}"
        try:
            context = mesh.running(self.binary)
            instance = context.__enter__()
        finally:
            os.environ["PATH"] = path
        self.addCleanup(context.__exit__, None, None, None)
        self.environment = {**self.environment, "AWS_ENDPOINT_URL": instance.endpoint}
        urls = self.deploy("python")
        self.assertEqual(self.call(urls["HTTP"] + "/orders/absent"), (500, {"message": "Internal Server Error"}))
        self.assertEqual(self.call(urls["REST"] + "/orders/absent"), (502, {"message": "Internal server error"}))
        events = instance.client("logs").filter_log_events(logGroupName="/aws/lambda/orders-python")["events"]
        log = "\n".join(event["message"] for event in events)
        self.assertIn("Unable to import module 'app': No module named 'boto3'", log)
        self.assertIn("mesh-local runtimes install python", log)

    def test_deploying_without_an_endpoint_is_refused(self):
        self.check_that_an_endpoint_is_wanted()


if __name__ == "__main__":
    example.main(Orders, WANTED)
