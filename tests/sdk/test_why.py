"""Why: from one request to all that came of it, across services and a function's own calls."""

import unittest
import urllib.request

import mesh
from test_lambda import ROLE, archive

# Where the interpreter has no boto3, what boto3 sends is sent by hand.
ORDERS = """
import json
import os
import urllib.request

ITEM = {"TableName": "orders", "Item": {"id": {"S": "1"}}}

def handler(event, context):
    try:
        import boto3
        boto3.client("dynamodb").put_item(**ITEM)
    except ImportError:
        headers = {"x-amz-target": "DynamoDB_20120810.PutItem", "content-type": "application/x-amz-json-1.0"}
        headers["x-amzn-trace-id"] = os.environ["_X_AMZN_TRACE_ID"]
        urllib.request.urlopen(urllib.request.Request(os.environ["AWS_ENDPOINT_URL"], json.dumps(ITEM).encode(), headers))
    return {"statusCode": 200, "body": "taken"}
"""


class Why(mesh.Case):
    def setUp(self):
        self.mesh.control("POST", "/_mesh/universes/default/reset", {})

    def why(self, id):
        return self.mesh.control("GET", f"/_mesh/universes/default/why/{id}")

    def deploy(self):
        """An HTTP API, a function behind it, and a table that the function writes to."""
        self.mesh.client("dynamodb").create_table(
            TableName="orders", BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        )
        functions, apis = self.mesh.client("lambda"), self.mesh.client("apigatewayv2")
        made = functions.create_function(
            FunctionName="take", Runtime="python3.11", Handler="index.handler", Role=ROLE, Timeout=20,
            Code={"ZipFile": archive(index_py=ORDERS)},
        )
        functions.add_permission(
            FunctionName="take", StatementId="s", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com"
        )
        api = apis.create_api(Name="orders", ProtocolType="HTTP")["ApiId"]
        integration = apis.create_integration(
            ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=made["FunctionArn"], PayloadFormatVersion="2.0"
        )["IntegrationId"]
        apis.create_route(ApiId=api, RouteKey="POST /orders", Target=f"integrations/{integration}")
        apis.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
        return api

    def test_a_request_to_an_api_leads_to_the_call_of_the_function_behind_it(self):
        api = self.deploy()
        request = urllib.request.Request(f"{self.mesh.endpoint}/orders", data=b"{}", method="POST")
        request.add_header("host", f"{api}.execute-api.localhost:{self.mesh.port}")
        with urllib.request.urlopen(request, timeout=30) as answer:
            self.assertEqual((answer.status, answer.read()), (200, b"taken"))
        entries = self.mesh.control("GET", "/_mesh/universes/default/record?service=execute-api")["entries"]
        told = self.why(entries[-1]["request_id"])
        self.assertEqual(told["entry"]["operation"], "POST /orders")
        calls = {(one["service"], one["operation"]): one for one in told["caused"] if one["kind"] == "call"}
        self.assertEqual(calls["lambda", "Invoke"]["distance"], 1)
        self.assertEqual(calls["dynamodb", "PutItem"]["distance"], 2)
        self.assertIn("process", [one["kind"] for one in told["caused"]])
        because = self.why(calls["dynamodb", "PutItem"]["request_id"])["because"]
        self.assertEqual([one["operation"] for one in because], ["POST /orders", "Invoke"])

    def test_a_message_leads_to_those_who_sent_and_received_it(self):
        queues = self.mesh.client("sqs")
        url = queues.create_queue(QueueName="q")["QueueUrl"]
        message = queues.send_message(QueueUrl=url, MessageBody="one")["MessageId"]
        received = queues.receive_message(QueueUrl=url)["Messages"]
        self.assertEqual([one["MessageId"] for one in received], [message])
        told = self.why(message)
        self.assertEqual([one["operation"] for one in told["caused"]], ["SendMessage", "ReceiveMessage"])


if __name__ == "__main__":
    unittest.main()
