"""The orders service: takes orders, shows one, and lists those of a customer.

It answers events of both payload formats, so one function serves an HTTP API (2.0) and a REST API (1.0). Nothing in it
knows where it runs: boto3 takes the endpoint from AWS_ENDPOINT_URL, which mesh-local gives to its functions.
"""

import base64
import json
import os
import uuid
from datetime import datetime, timezone

import boto3
from boto3.dynamodb.conditions import Key

ORDERS = boto3.resource("dynamodb").Table(os.environ["TABLE"])


class BadRequest(Exception):
    """What the caller has to put right."""


def handler(event, context):
    try:
        return answer(*route(event))
    except BadRequest as error:
        return answer(400, {"message": str(error)})


def route(event):
    method = event.get("httpMethod") or event["requestContext"]["http"]["method"]
    if method == "POST":
        return 201, create(body(event))
    order = (event.get("pathParameters") or {}).get("id")
    if order is not None:
        return read(order)
    customer = (event.get("queryStringParameters") or {}).get("customer")
    if not customer:
        raise BadRequest("name a customer: /orders?customer=ann")
    return 200, {"orders": of_customer(customer)}


def body(event):
    """The order that is asked for, checked. A body that is not JSON by its content type comes in base64."""
    text = event.get("body") or ""
    try:
        asked = json.loads(base64.b64decode(text) if event.get("isBase64Encoded") else text)
    except ValueError:
        raise BadRequest("the body is not JSON") from None
    if not isinstance(asked, dict):
        raise BadRequest("the body is not an object")
    for name in ("customer", "item"):
        if not isinstance(asked.get(name), str) or not asked[name]:
            raise BadRequest(f"{name} must be a text")
    quantity = asked.get("quantity", 1)
    if not isinstance(quantity, int) or isinstance(quantity, bool) or not 1 <= quantity <= 1000:
        raise BadRequest("quantity must be a whole number from 1 to 1000")
    return {"customer": asked["customer"], "item": asked["item"], "quantity": quantity}


def create(asked):
    order = {"id": str(uuid.uuid4()), "created": datetime.now(timezone.utc).isoformat(timespec="microseconds"), **asked}
    ORDERS.put_item(Item=order, ConditionExpression="attribute_not_exists(id)")
    return order


def read(order):
    found = ORDERS.get_item(Key={"id": order}, ConsistentRead=True).get("Item")
    if found is None:
        return 404, {"message": f"there is no order {order}"}
    return 200, shown(found)


def of_customer(customer):
    """All orders of a customer, the oldest first, page after page."""
    asked = {"IndexName": "by-customer", "KeyConditionExpression": Key("customer").eq(customer)}
    orders = []
    while True:
        page = ORDERS.query(**asked)
        orders += map(shown, page["Items"])
        if "LastEvaluatedKey" not in page:
            return orders
        asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def shown(item):
    return {
        "id": item["id"],
        "created": item["created"],
        "customer": item["customer"],
        "item": item["item"],
        "quantity": int(item["quantity"]),
    }


def answer(status, content):
    text = json.dumps(content, separators=(",", ":"))
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": text}
