"""Bills orders: gets them in batches from the queue `billing`, in the envelopes of the topic.

What it prints is its work, and can be read in its log. An order that it cannot bill is reported as failed, the others of
its batch are not: the queue brings it again, and moves it to `billing-dead` after the second time.
"""

import json


def handler(event, context):
    failed = []
    for record in event["Records"]:
        order = json.loads(json.loads(record["body"])["Message"])
        attempt = int(record["attributes"]["ApproximateReceiveCount"])
        if order["amount"] <= 0:
            print("REFUSED", json.dumps({"order": order["id"], "attempt": attempt}))
            failed.append({"itemIdentifier": record["messageId"]})
        else:
            print("BILLED", json.dumps({"order": order["id"], "amount": order["amount"]}))
    return {"batchItemFailures": failed}
