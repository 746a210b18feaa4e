"""Uses the message bus that deploy.py has deployed.

python3 bus.py publish ID AMOUNT KIND   publishes an order
python3 bus.py log FUNCTION             what a function has done, its lines sorted
python3 bus.py queues                   how many messages wait in each queue, and how many are being worked on
python3 bus.py dead                     takes what is in billing-dead, and shows it
"""

import json
import sys

try:
    import boto3
except ImportError:
    sys.exit("bus.py wants boto3: python3 -m pip install boto3")

QUEUES = ("billing", "billing-dead", "shipping")
COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
WORK = ("BILLED", "REFUSED", "SHIPPED")


def publish(order, amount, kind):
    sns = boto3.client("sns")
    # to make a topic that is there is to find it
    topic = sns.create_topic(Name="orders")["TopicArn"]
    sns.publish(
        TopicArn=topic,
        Message=json.dumps({"id": order, "amount": int(amount)}),
        MessageAttributes={"kind": {"DataType": "String", "StringValue": kind}},
    )
    print("published", order)


def log(function):
    logs = boto3.client("logs")
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{function}")
    # Node's lines begin with a time, an id and a level
    lines = (event["message"].strip().split("\t")[-1] for page in pages for event in page["events"])
    print("\n".join(sorted(line for line in lines if line.startswith(WORK))))


def queues():
    sqs = boto3.client("sqs")
    for name in QUEUES:
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(COUNTS))["Attributes"]
        print(f"{name:13}", *(counts[count] for count in COUNTS))


def dead():
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName="billing-dead")["QueueUrl"]
    for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        print(json.loads(message["Body"])["Message"])
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


if __name__ == "__main__":
    commands = {"publish": publish, "log": log, "queues": queues, "dead": dead}
    if len(sys.argv) < 2 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    commands[sys.argv[1]](*sys.argv[2:])
