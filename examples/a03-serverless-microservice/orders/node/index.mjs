// The orders service in Node: takes orders, shows one, and lists those of a customer.
//
// It answers events of both payload formats, so one function serves an HTTP API (2.0) and a REST API (1.0). Nothing in
// it knows where it runs: the SDK takes the endpoint from AWS_ENDPOINT_URL, which mesh-local gives to its functions.

import { randomUUID } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand, PutCommand, paginateQuery } from "@aws-sdk/lib-dynamodb";

const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const TableName = process.env.TABLE;

// What the caller has to put right.
class BadRequest extends Error {}

export async function handler(event) {
  try {
    return answer(...(await route(event)));
  } catch (error) {
    if (error instanceof BadRequest) return answer(400, { message: error.message });
    throw error;
  }
}

async function route(event) {
  const method = event.httpMethod ?? event.requestContext.http.method;
  if (method === "POST") return [201, await create(body(event))];
  const order = event.pathParameters?.id;
  if (order !== undefined) return read(order);
  const customer = event.queryStringParameters?.customer;
  if (!customer) throw new BadRequest("name a customer: /orders?customer=ann");
  return [200, { orders: await ofCustomer(customer) }];
}

// The order that is asked for, checked. A body that is not JSON by its content type comes in base64.
function body(event) {
  const text = Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8").toString();
  let asked;
  try {
    asked = JSON.parse(text);
  } catch {
    throw new BadRequest("the body is not JSON");
  }
  if (asked === null || typeof asked !== "object" || Array.isArray(asked)) throw new BadRequest("the body is not an object");
  const { customer, item, quantity = 1 } = asked;
  for (const [name, value] of Object.entries({ customer, item })) {
    if (typeof value !== "string" || value === "") throw new BadRequest(`${name} must be a text`);
  }
  if (!Number.isInteger(quantity) || quantity < 1 || quantity > 1000) {
    throw new BadRequest("quantity must be a whole number from 1 to 1000");
  }
  return { customer, item, quantity };
}

async function create(asked) {
  const order = { id: randomUUID(), created: new Date().toISOString(), ...asked };
  await client.send(new PutCommand({ TableName, Item: order, ConditionExpression: "attribute_not_exists(id)" }));
  return order;
}

async function read(id) {
  const { Item } = await client.send(new GetCommand({ TableName, Key: { id }, ConsistentRead: true }));
  return Item ? [200, shown(Item)] : [404, { message: `there is no order ${id}` }];
}

// All orders of a customer, the oldest first, page after page.
async function ofCustomer(customer) {
  const asked = {
    TableName,
    IndexName: "by-customer",
    KeyConditionExpression: "customer = :customer",
    ExpressionAttributeValues: { ":customer": customer },
  };
  const orders = [];
  for await (const { Items } of paginateQuery({ client }, asked)) orders.push(...Items.map(shown));
  return orders;
}

const shown = ({ id, created, customer, item, quantity }) => ({ id, created, customer, item, quantity });

function answer(statusCode, content) {
  return { statusCode, headers: { "content-type": "application/json" }, body: JSON.stringify(content) };
}
