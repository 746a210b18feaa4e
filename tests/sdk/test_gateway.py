"""API Gateway as boto3 sees it, and deployed APIs as their callers see them."""

import datetime
import json
import unittest
import urllib.error
import urllib.request

import mesh
import run
from botocore.exceptions import ClientError

MOCK = {"application/json": '{"statusCode": 200}'}


def get(url, host=None, method="GET", headers=()):
    """Status, headers and body of an answer."""
    request = urllib.request.Request(url, headers=dict(headers), method=method)
    if host:
        request.add_header("host", host)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


class Gateway(mesh.Case):
    def setUp(self):
        self.mesh.control("POST", "/_mesh/universes/default/reset", {})
        self.rest = self.mesh.client("apigateway")
        self.http = self.mesh.client("apigatewayv2")

    def mock(self):
        """A REST API whose GET / answers hello, deployed to the stage dev."""
        api = self.rest.create_rest_api(name="mock")
        at = {"restApiId": api["id"], "resourceId": api["rootResourceId"], "httpMethod": "GET"}
        self.rest.put_method(**at, authorizationType="NONE")
        self.rest.put_integration(**at, type="MOCK", requestTemplates=MOCK)
        self.rest.put_method_response(**at, statusCode="200", responseParameters={"method.response.header.X-A": False})
        self.rest.put_integration_response(
            **at,
            statusCode="200",
            responseParameters={"method.response.header.X-A": "'b'"},
            responseTemplates={"application/json": '{"hello": "world"}'},
        )
        self.rest.create_deployment(restApiId=api["id"], stageName="dev")
        return api["id"]

    def test_a_rest_api_answers_by_host_and_by_path(self):
        api = self.mock()
        for url, host in [
            (f"{self.mesh.endpoint}/dev/", f"{api}.execute-api.localhost:{self.mesh.port}"),
            (f"{self.mesh.endpoint}/_aws/execute-api/{api}/dev/", None),
            (f"{self.mesh.endpoint}/restapis/{api}/dev/_user_request_/", None),
        ]:
            status, headers, body = get(url, host)
            self.assertEqual((status, json.loads(body)), (200, {"hello": "world"}), url)
            self.assertEqual(headers["x-a"], "b")
            self.assertEqual(len(headers["x-amzn-requestid"]), 36)
        status, headers, body = get(f"{self.mesh.endpoint}/_aws/execute-api/{api}/dev/missing")
        self.assertEqual((status, json.loads(body)), (403, {"message": "Missing Authentication Token"}))
        self.assertEqual(headers["x-amzn-errortype"], "MissingAuthenticationTokenException")

    def test_a_rest_api_is_described_with_moments_and_integrations(self):
        api = self.mock()
        self.assertIsInstance(self.rest.get_rest_api(restApiId=api)["createdDate"], datetime.datetime)
        self.assertEqual([one["id"] for one in self.rest.get_rest_apis()["items"]], [api])
        root = self.rest.get_resources(restApiId=api)["items"][0]
        self.assertEqual((root["path"], root["resourceMethods"]), ("/", {"GET": {}}))
        integration = self.rest.get_integration(restApiId=api, resourceId=root["id"], httpMethod="GET")
        self.assertEqual((integration["type"], integration["timeoutInMillis"]), ("MOCK", 29000))
        uri = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:f/invocations"
        self.rest.put_method(restApiId=api, resourceId=root["id"], httpMethod="POST", authorizationType="NONE")
        put = self.rest.put_integration(
            restApiId=api, resourceId=root["id"], httpMethod="POST", type="AWS_PROXY", integrationHttpMethod="POST", uri=uri
        )
        self.assertEqual((put["httpMethod"], put["uri"]), ("POST", uri))
        self.rest.delete_rest_api(restApiId=api)
        with self.assertRaises(self.rest.exceptions.NotFoundException) as caught:
            self.rest.get_rest_api(restApiId=api)
        message = caught.exception.response["Error"]["Message"]
        self.assertEqual(message, f"Invalid API identifier specified 000000000000:{api}")

    def test_an_http_api_is_made_quickly_and_answers_preflight_requests(self):
        api = self.http.create_api(
            Name="quick",
            ProtocolType="HTTP",
            Target="arn:aws:lambda:us-east-1:000000000000:function:missing",
            CorsConfiguration={"AllowOrigins": ["https://a.example"], "AllowMethods": ["GET"]},
        )
        self.assertIsInstance(api["CreatedDate"], datetime.datetime)
        [route] = self.http.get_routes(ApiId=api["ApiId"])["Items"]
        self.assertEqual((route["RouteKey"], route["ApiGatewayManaged"]), ("$default", True))
        [stage] = self.http.get_stages(ApiId=api["ApiId"])["Items"]
        self.assertEqual((stage["StageName"], stage["AutoDeploy"]), ("$default", True))
        status, _, body = get(api["ApiEndpoint"] + "/x")
        self.assertEqual((status, json.loads(body)), (500, {"message": "Internal Server Error"}))
        asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}
        status, headers, _ = get(api["ApiEndpoint"] + "/x", method="OPTIONS", headers=asked)
        self.assertEqual((status, headers["access-control-allow-origin"]), (204, "https://a.example"))

    def test_errors_are_those_of_aws(self):
        api = self.http.create_api(Name="n", ProtocolType="HTTP")["ApiId"]
        self.http.create_route(ApiId=api, RouteKey="GET /a")
        with self.assertRaises(self.http.exceptions.ConflictException) as caught:
            self.http.create_route(ApiId=api, RouteKey="GET /a")
        self.assertEqual(caught.exception.response["Error"]["Message"], "Route with key GET /a already exists for this API")
        with self.assertRaises(ClientError) as caught:
            self.http.create_api(Name="n", ProtocolType="WEBSOCKET")
        self.assertIn("mesh-local does not serve WebSocket APIs yet", str(caught.exception))

    def test_a_fork_has_its_own_apis(self):
        api = self.mock()
        self.mesh.control("POST", "/_mesh/universes", {"name": "other", "from": "default"})
        self.rest.delete_rest_api(restApiId=api)
        path = f"/_aws/execute-api/{api}/dev/"
        self.assertEqual(get(self.mesh.endpoint + path)[0], 403)
        self.assertEqual(get(f"{self.mesh.endpoint}/_mesh/u/other{path}")[0], 200)
        self.mesh.control("DELETE", "/_mesh/universes/other")


if __name__ == "__main__":
    unittest.main()
