"""Deploys the message bus: python3 deploy.py

Makes what is missing and changes what is there, so it can be run again after every change of the code. It tells what it
has made, a line each.
"""

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
TOPIC = "orders"
ROLE = "message-bus"
# Longer than the functions may run, as Lambda wants it.
VISIBILITY = 30
CONSUMERS = {
    "billing": {
        "function": {"Runtime": f"python3.{sys.version_info.minor}", "Handler": "billing.handler"},
        "code": "billing.py",
        "subscription": {},
        "dead letters": "billing-dead",
        "mapping": {"FunctionResponseTypes": ["ReportBatchItemFailures"]},
    },
    "shipping": {
        "function": {"Runtime": "nodejs22.x", "Handler": "shipping.handler"},
        "code": "shipping.mjs",
        "subscription": {"FilterPolicy": json.dumps({"kind": ["goods"]}), "RawMessageDelivery": "true"},
        "dead letters": None,
        "mapping": {},
    },
}


def main():
    if not os.environ.get("AWS_ENDPOINT_URL"):
        sys.exit('deploy.py deploys to mesh-local alone, and AWS_ENDPOINT_URL is not set: eval "$(mesh-local env)"')
    topic = boto3.client("sns").create_topic(Name=TOPIC)["TopicArn"]
    print("topic        ", topic)
    execution = role()
    for name, consumer in CONSUMERS.items():
        queue = make_queue(name, topic, consumer["dead letters"])
        print("queue        ", queue)
        subscribe(topic, queue, consumer["subscription"])
        print("function     ", function(name, execution, consumer))
        feed(name, queue, consumer["mapping"])


def role():
    """The role of the functions: they may write their log, and take messages from queues."""
    iam = boto3.client("iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    try:
        iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(trust))
    except iam.exceptions.EntityAlreadyExistsException:
        pass
    managed = "arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"
    iam.attach_role_policy(RoleName=ROLE, PolicyArn=managed)
    return iam.get_role(RoleName=ROLE)["Role"]["Arn"]


def make_queue(name, topic, dead_letters):
    """A queue to which the topic may send, and whose messages go to another after two attempts. Returns its ARN."""
    attributes = {"VisibilityTimeout": str(VISIBILITY)}
    if dead_letters:
        redrive = {"deadLetterTargetArn": queue_arn(dead_letters), "maxReceiveCount": 2}
        attributes["RedrivePolicy"] = json.dumps(redrive)
    arn = queue_arn(name)
    attributes["Policy"] = json.dumps({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
        }],
    })
    sqs = boto3.client("sqs")
    sqs.set_queue_attributes(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"], Attributes=attributes)
    return arn


def queue_arn(name):
    """The ARN of a queue, which is made if it is not there."""
    sqs = boto3.client("sqs")
    try:
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    except sqs.exceptions.QueueDoesNotExist:
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def subscribe(topic, queue, attributes):
    sns = boto3.client("sns")
    found = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic).search("Subscriptions[]")
    there = next((it["SubscriptionArn"] for it in found if it["Endpoint"] == queue), None)
    if there is None:
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes=attributes)
        return
    for name, value in attributes.items():
        sns.set_subscription_attributes(SubscriptionArn=there, AttributeName=name, AttributeValue=value)


def function(name, execution, consumer):
    """Returns its ARN."""
    client = boto3.client("lambda")
    named = {"FunctionName": name}
    configuration = {**consumer["function"], "Role": execution, "Timeout": 15}
    code = archive(HERE / "functions" / consumer["code"])
    try:
        client.create_function(**named, **configuration, Code={"ZipFile": code})
    except client.exceptions.ResourceConflictException:
        client.update_function_configuration(**named, **configuration)
        client.get_waiter("function_updated_v2").wait(**named)
        client.update_function_code(**named, ZipFile=code)
    client.get_waiter("function_active_v2").wait(**named)
    client.get_waiter("function_updated_v2").wait(**named)
    return client.get_function(**named)["Configuration"]["FunctionArn"]


def archive(path):
    """A zip archive that is the same for the same file."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo(path.name)
        entry.external_attr = 0o644 << 16
        archive.writestr(entry, path.read_bytes())
    return content.getvalue()


def feed(name, queue, terms):
    """Has the function get the queue's messages."""
    client = boto3.client("lambda")
    found = client.get_paginator("list_event_source_mappings").paginate(FunctionName=name, EventSourceArn=queue)
    there = next(iter(found.search("EventSourceMappings[].UUID")), None)
    if there is None:
        client.create_event_source_mapping(FunctionName=name, EventSourceArn=queue, **terms)
    else:
        client.update_event_source_mapping(UUID=there, **terms)


if __name__ == "__main__":
    main()
