"""Deploys the orders service: python3 deploy.py [python | node]

Makes what is missing and changes what is there, so it can be run again after every change of the code. What it does is
told on stderr; the URLs of the two APIs go to stdout, as HTTP=... and REST=....
"""

import argparse
import io
import json
import os
import pathlib
import sys
import zipfile

try:
    import boto3
except ImportError:
    sys.exit("deploy.py wants boto3: python3 -m pip install boto3")

HERE = pathlib.Path(__file__).resolve().parent
TABLE = "orders"
ROLE = "orders"
STAGE = "dev"
ROUTES = (("/orders", "GET"), ("/orders", "POST"), ("/orders/{id}", "GET"))
FLAVOURS = {
    # A function finds the boto3 of the interpreter that runs it, so it asks for the version that is known to have it.
    "python": {"Runtime": f"python3.{sys.version_info.minor}", "Handler": "app.handler"},
    "node": {"Runtime": "nodejs22.x", "Handler": "index.handler"},
}


def main():
    arguments = argparse.ArgumentParser(description="Deploys the orders service.")
    arguments.add_argument("flavour", nargs="?", choices=FLAVOURS, default="python")
    arguments.add_argument("--packages", type=pathlib.Path, default=HERE / "orders/node/node_modules")
    arguments = arguments.parse_args()
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    if not endpoint:
        sys.exit('deploy.py deploys to mesh-local alone, and AWS_ENDPOINT_URL is not set: eval "$(mesh-local env)"')
    tell("table", table())
    archive = {"python": python_archive, "node": lambda: node_archive(arguments.packages)}[arguments.flavour]()
    function = Function(f"orders-{arguments.flavour}", role())
    function.deploy(archive, FLAVOURS[arguments.flavour])
    tell("function", function.arn)
    print(f"HTTP={http_api(function)}")
    print(f"REST={endpoint.rstrip('/')}/_aws/execute-api/{rest_api(function)}/{STAGE}")


def tell(what, name):
    print(f"{what:9} {name}", file=sys.stderr)


def table():
    """The table, and its index of a customer's orders by time."""
    dynamodb = boto3.client("dynamodb")
    try:
        dynamodb.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": "id", "AttributeType": "S"},
                {"AttributeName": "customer", "AttributeType": "S"},
                {"AttributeName": "created", "AttributeType": "S"},
            ],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "by-customer",
                    "KeySchema": [
                        {"AttributeName": "customer", "KeyType": "HASH"},
                        {"AttributeName": "created", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
        )
    except dynamodb.exceptions.ResourceInUseException:
        pass
    dynamodb.get_waiter("table_exists").wait(TableName=TABLE)
    return dynamodb.describe_table(TableName=TABLE)["Table"]["TableArn"]


def role():
    """The role of the functions: they may write their log, and use the table."""
    iam = boto3.client("iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    orders = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
                "Resource": [f"arn:aws:dynamodb:*:*:table/{TABLE}", f"arn:aws:dynamodb:*:*:table/{TABLE}/index/*"],
            }
        ],
    }
    try:
        iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(trust))
    except iam.exceptions.EntityAlreadyExistsException:
        pass
    logs = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    iam.attach_role_policy(RoleName=ROLE, PolicyArn=logs)
    iam.put_role_policy(RoleName=ROLE, PolicyName="orders", PolicyDocument=json.dumps(orders))
    arn = iam.get_role(RoleName=ROLE)["Role"]["Arn"]
    tell("role", arn)
    return arn


def python_archive():
    return archive({"app.py": HERE / "orders/python/app.py"})


def node_archive(packages):
    """The code with its packages. Declarations of types are of no use where it runs, and left out."""
    if not packages.is_dir():
        sys.exit(f"{packages} is not there: npm install --prefix {HERE / 'orders/node'}")
    files = {name: HERE / "orders/node" / name for name in ("index.mjs", "package.json")}
    for path in packages.rglob("*"):
        if path.is_file() and not path.name.endswith((".d.ts", ".map")):
            files["node_modules/" + path.relative_to(packages).as_posix()] = path
    return archive(files)


def archive(files):
    """A zip archive that is the same for the same files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in sorted(files.items()):
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes())
    return content.getvalue()


class Function:
    """A function, and who may call it."""

    def __init__(self, name, role):
        self.name, self.role, self.arn = name, role, None
        self.client = boto3.client("lambda")

    def deploy(self, archive, how):
        configuration = {**how, "Role": self.role, "Timeout": 15, "Environment": {"Variables": {"TABLE": TABLE}}}
        named = {"FunctionName": self.name}
        try:
            self.client.create_function(**named, **configuration, Code={"ZipFile": archive})
        except self.client.exceptions.ResourceConflictException:
            self.client.update_function_configuration(**named, **configuration)
            self.client.get_waiter("function_updated_v2").wait(**named)
            self.client.update_function_code(**named, ZipFile=archive)
        self.client.get_waiter("function_active_v2").wait(**named)
        self.client.get_waiter("function_updated_v2").wait(**named)
        self.arn = self.client.get_function(**named)["Configuration"]["FunctionArn"]

    def allow(self, api):
        """Lets every stage, method and path of an API call the function."""
        region, account = self.arn.split(":")[3:5]
        try:
            self.client.add_permission(
                FunctionName=self.name,
                StatementId=f"api-{api}",
                Action="lambda:InvokeFunction",
                Principal="apigateway.amazonaws.com",
                SourceArn=f"arn:aws:execute-api:{region}:{account}:{api}/*",
            )
        except self.client.exceptions.ResourceConflictException:
            pass


def http_api(function):
    """The HTTP API: a route for each thing to do, and a stage that deploys itself. Returns its URL."""
    client = boto3.client("apigatewayv2")
    apis = client.get_paginator("get_apis").paginate().search("Items[]")
    api = next((api for api in apis if api["Name"] == function.name), None)
    if api is None:
        api = client.create_api(Name=function.name, ProtocolType="HTTP")
    named = {"ApiId": api["ApiId"]}
    integration = next(iter(client.get_integrations(**named)["Items"]), None)
    if integration is None:
        integration = client.create_integration(
            **named, IntegrationType="AWS_PROXY", IntegrationUri=function.arn, PayloadFormatVersion="2.0"
        )
    target = f"integrations/{integration['IntegrationId']}"
    there = {route["RouteKey"] for route in client.get_routes(**named)["Items"]}
    for path, method in ROUTES:
        if f"{method} {path}" not in there:
            client.create_route(**named, RouteKey=f"{method} {path}", Target=target)
    if not any(stage["StageName"] == "$default" for stage in client.get_stages(**named)["Items"]):
        client.create_stage(**named, StageName="$default", AutoDeploy=True)
    function.allow(api["ApiId"])
    return api["ApiEndpoint"]


def rest_api(function):
    """The same as a REST API: a resource for each path, and a stage. Returns its id."""
    client = boto3.client("apigateway")
    apis = client.get_paginator("get_rest_apis").paginate().search("items[]")
    api = next((api for api in apis if api["name"] == function.name), None)
    if api is None:
        api = client.create_rest_api(name=function.name)
    named = {"restApiId": api["id"]}
    found = client.get_resources(**named, embed=["methods"], limit=500)["items"]
    resources = {resource["path"]: resource for resource in found}
    uri = f"arn:aws:apigateway:{client.meta.region_name}:lambda:path/2015-03-31/functions/{function.arn}/invocations"
    for path, method in ROUTES:
        resource = resources.get(path)
        if resource is None:
            parent, _, part = path.rpartition("/")
            resource = client.create_resource(**named, parentId=resources[parent or "/"]["id"], pathPart=part)
            resources[path] = resource
        if method not in resource.get("resourceMethods", {}):
            answered = {**named, "resourceId": resource["id"], "httpMethod": method}
            client.put_method(**answered, authorizationType="NONE")
            client.put_integration(**answered, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
    client.create_deployment(**named, stageName=STAGE)
    function.allow(api["id"])
    return api["id"]


if __name__ == "__main__":
    main()
