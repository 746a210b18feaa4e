// Uses what deploy.py has deployed with the AWS SDK for JavaScript: node javascript.mjs FUNCTION
//
// It invokes the function itself, puts one more API before it, calls that, and finds both orders in the table.

import assert from "node:assert/strict";
import { ApiGatewayV2Client, CreateApiCommand, DeleteApiCommand, GetRoutesCommand, NotFoundException } from "@aws-sdk/client-apigatewayv2";
import { DynamoDBClient, GetItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { AddPermissionCommand, GetFunctionCommand, InvokeCommand, LambdaClient, ResourceNotFoundException } from "@aws-sdk/client-lambda";

const FunctionName = process.argv[2];
const lambda = new LambdaClient({});
const gateway = new ApiGatewayV2Client({});
const dynamodb = new DynamoDBClient({});

const { Configuration } = await lambda.send(new GetFunctionCommand({ FunctionName }));
assert.equal(Configuration.FunctionName, FunctionName);
assert.equal(Configuration.State, "Active");
await assert.rejects(lambda.send(new GetFunctionCommand({ FunctionName: "absent" })), ResourceNotFoundException);

// the function itself, with an event such as an HTTP API's
const event = { version: "2.0", requestContext: { http: { method: "POST" } }, body: JSON.stringify({ customer: "eve", item: "soap" }) };
const invoked = await lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }));
assert.equal(invoked.StatusCode, 200);
assert.equal(invoked.FunctionError, undefined);
const answer = JSON.parse(invoked.Payload.transformToString());
assert.equal(answer.statusCode, 201);
const first = JSON.parse(answer.body);

// an API that is made in one call
const quick = { Name: `${FunctionName}-javascript`, ProtocolType: "HTTP", Target: Configuration.FunctionArn, RouteKey: "POST /orders" };
const { ApiId, ApiEndpoint } = await gateway.send(new CreateApiCommand(quick));
const [, , , region, account] = Configuration.FunctionArn.split(":");
await lambda.send(
  new AddPermissionCommand({
    FunctionName,
    StatementId: `api-${ApiId}`,
    Action: "lambda:InvokeFunction",
    Principal: "apigateway.amazonaws.com",
    SourceArn: `arn:aws:execute-api:${region}:${account}:${ApiId}/*`,
  }),
);
const { Items: routes } = await gateway.send(new GetRoutesCommand({ ApiId }));
assert.deepEqual(routes.map((route) => route.RouteKey), ["POST /orders"]);
const response = await fetch(`${ApiEndpoint}/orders`, { method: "POST", body: JSON.stringify({ customer: "eve", item: "towel", quantity: 3 }) });
assert.equal(response.status, 201);
const second = await response.json();

const { Item } = await dynamodb.send(new GetItemCommand({ TableName: "orders", Key: { id: { S: second.id } } }));
assert.deepEqual(Item.quantity, { N: "3" });
const found = await dynamodb.send(
  new QueryCommand({
    TableName: "orders",
    IndexName: "by-customer",
    KeyConditionExpression: "customer = :customer",
    ExpressionAttributeValues: { ":customer": { S: "eve" } },
  }),
);
const ids = found.Items.map((item) => item.id.S);
assert.ok(ids.includes(first.id) && ids.includes(second.id), ids.join());

await gateway.send(new DeleteApiCommand({ ApiId }));
await assert.rejects(gateway.send(new GetRoutesCommand({ ApiId })), NotFoundException);
// what has gone looks as if it had never been: AWS tells a stranger no more than this
assert.equal((await fetch(`${ApiEndpoint}/orders`, { method: "POST" })).status, 403);
console.log("javascript: done");
