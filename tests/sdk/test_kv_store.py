"""DynamoDB as boto3 sees it: the client, the resource with its conditions, waiters and paginators."""

import decimal
import threading
import unittest

import boto3
import mesh
import run
from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError


class KvStore(mesh.Case):
    def setUp(self):
        self.mesh.control("POST", "/_mesh/universes/default/reset", {})
        self.dynamodb = self.mesh.client("dynamodb")
        self.resource = boto3.resource("dynamodb", endpoint_url=self.mesh.endpoint, **mesh.CREDENTIALS)

    def table(self, name="orders", **more):
        definition = {
            "AttributeDefinitions": [
                {"AttributeName": "customer", "AttributeType": "S"},
                {"AttributeName": "number", "AttributeType": "N"},
            ],
            "KeySchema": [
                {"AttributeName": "customer", "KeyType": "HASH"},
                {"AttributeName": "number", "KeyType": "RANGE"},
            ],
            "BillingMode": "PAY_PER_REQUEST",
            **more,
        }
        table = self.resource.create_table(TableName=name, **definition)
        self.assertEqual(table.table_status, "CREATING")
        table.wait_until_exists()
        table.reload()
        self.assertEqual(table.table_status, "ACTIVE")
        return table

    def test_a_table_is_created_waited_for_listed_and_deleted(self):
        table = self.table()
        self.dynamodb.get_waiter("table_exists").wait(TableName="orders", WaiterConfig={"Delay": 1, "MaxAttempts": 2})
        self.assertEqual(table.table_arn, "arn:aws:dynamodb:us-east-1:000000000000:table/orders")
        self.assertEqual(self.dynamodb.list_tables()["TableNames"], ["orders"])
        with self.assertRaises(self.dynamodb.exceptions.ResourceInUseException) as caught:
            self.table()
        self.assertEqual(caught.exception.response["Error"]["Message"], "Table already exists: orders")
        self.assertEqual(table.delete()["TableDescription"]["TableStatus"], "DELETING")
        self.dynamodb.get_waiter("table_not_exists").wait(
            TableName="orders", WaiterConfig={"Delay": 1, "MaxAttempts": 2}
        )
        with self.assertRaises(self.dynamodb.exceptions.ResourceNotFoundException) as caught:
            self.dynamodb.describe_table(TableName="orders")
        self.assertEqual(
            caught.exception.response["Error"]["Message"],
            "Requested resource not found: Table: orders not found",
        )

    def test_an_item_comes_back_as_it_was_put(self):
        table = self.table()
        item = {
            "customer": "ann",
            "number": decimal.Decimal("1.5"),
            "big": decimal.Decimal("12345678901234567890123456789012345678"),
            "text": "snow \u2603",
            "bytes": boto3.dynamodb.types.Binary(b"\x00\xff"),
            "flag": True,
            "nothing": None,
            "list": [1, "two", [3, {"four": 4}]],
            "map": {"b": 1, "a": {}},
            "texts": {"a", "b"},
            "numbers": {1, 2},
        }
        # boto3 compares the checksum of the answer's body.
        table.put_item(Item=item)
        key = {"customer": "ann", "number": decimal.Decimal("1.50")}
        self.assertEqual(table.get_item(Key=key, ConsistentRead=True)["Item"], item)
        shown = table.get_item(
            Key=key, ProjectionExpression="#l[2][1].four, #m.b", ExpressionAttributeNames={"#l": "list", "#m": "map"}
        )
        self.assertEqual(shown["Item"], {"list": [[{"four": 4}]], "map": {"b": 1}})
        self.assertEqual(table.delete_item(Key=key, ReturnValues="ALL_OLD")["Attributes"], item)
        self.assertNotIn("Item", table.get_item(Key=key))

    def test_conditions_built_by_boto3_hold_or_fail(self):
        table = self.table()
        table.put_item(Item={"customer": "ann", "number": 1, "amount": 5}, ConditionExpression=Attr("customer").not_exists())
        with self.assertRaises(self.dynamodb.exceptions.ConditionalCheckFailedException) as caught:
            table.put_item(
                Item={"customer": "ann", "number": 1, "amount": 6},
                ConditionExpression=Attr("amount").gt(5) | Attr("amount").not_exists(),
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        self.assertEqual(caught.exception.response["Error"]["Message"], "The conditional request failed")
        self.assertEqual(caught.exception.response["Item"]["amount"], {"N": "5"})
        updated = table.update_item(
            Key={"customer": "ann", "number": 1},
            UpdateExpression="SET amount = amount + :more, entries = list_append(if_not_exists(entries, :none), :line)",
            ConditionExpression=Attr("amount").between(1, 5) & Attr("entries").not_exists(),
            ExpressionAttributeValues={":more": 2, ":none": [], ":line": ["x"]},
            ReturnValues="UPDATED_NEW",
        )
        self.assertEqual(updated["Attributes"], {"amount": 7, "entries": ["x"]})

    def test_a_query_is_filtered_ordered_and_paged_to_its_end(self):
        table = self.table()
        for number in range(25):
            table.put_item(Item={"customer": "ann", "number": number, "even": number % 2 == 0})
        table.put_item(Item={"customer": "bob", "number": 3})
        found = table.query(
            KeyConditionExpression=Key("customer").eq("ann") & Key("number").between(3, 7),
            FilterExpression=Attr("even").eq(True),
            ScanIndexForward=False,
        )
        self.assertEqual([item["number"] for item in found["Items"]], [6, 4])
        self.assertEqual((found["Count"], found["ScannedCount"]), (2, 5))
        pages = self.dynamodb.get_paginator("query").paginate(
            TableName="orders",
            KeyConditionExpression="customer = :c",
            ExpressionAttributeValues={":c": {"S": "ann"}},
            PaginationConfig={"PageSize": 5},
        )
        pages = [[int(item["number"]["N"]) for item in page["Items"]] for page in pages]
        # The last full page cannot know that nothing follows.
        self.assertEqual(pages, [list(range(start, start + 5)) for start in range(0, 25, 5)] + [[]])

    def test_a_global_index_is_queried_at_once_after_the_write(self):
        index = {
            "IndexName": "by-state",
            "KeySchema": [{"AttributeName": "state", "KeyType": "HASH"}, {"AttributeName": "number", "KeyType": "RANGE"}],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["total"]},
        }
        table = self.table(
            AttributeDefinitions=[
                {"AttributeName": "customer", "AttributeType": "S"},
                {"AttributeName": "number", "AttributeType": "N"},
                {"AttributeName": "state", "AttributeType": "S"},
            ],
            GlobalSecondaryIndexes=[index],
        )
        table.put_item(Item={"customer": "ann", "number": 2, "state": "open", "total": 9, "note": "hidden"})
        table.put_item(Item={"customer": "bob", "number": 1, "state": "open"})
        query = {"IndexName": "by-state", "KeyConditionExpression": Key("state").eq("open")}
        self.assertEqual(
            table.query(**query)["Items"],
            [
                {"customer": "bob", "number": 1, "state": "open"},
                {"customer": "ann", "number": 2, "state": "open", "total": 9},
            ],
        )
        first = table.query(**query, Limit=1)
        self.assertEqual(first["LastEvaluatedKey"], {"customer": "bob", "number": 1, "state": "open"})
        second = table.query(**query, ExclusiveStartKey=first["LastEvaluatedKey"])
        self.assertEqual([item["customer"] for item in second["Items"]], ["ann"])
        table.update_item(Key={"customer": "bob", "number": 1}, UpdateExpression="SET #s = :s",
                          ExpressionAttributeNames={"#s": "state"}, ExpressionAttributeValues={":s": "done"})
        self.assertEqual(table.query(**query)["Count"], 1)

    def test_many_clients_that_count_lose_nothing(self):
        self.table()

        def count():
            client = self.mesh.client("dynamodb")
            for _ in range(25):
                client.update_item(
                    TableName="orders",
                    Key={"customer": {"S": "ann"}, "number": {"N": "0"}},
                    UpdateExpression="ADD clicks :one",
                    ExpressionAttributeValues={":one": {"N": "1"}},
                )

        threads = [threading.Thread(target=count) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        item = self.resource.Table("orders").get_item(Key={"customer": "ann", "number": 0})["Item"]
        self.assertEqual(item["clicks"], 100)

    def test_a_fork_has_the_items_and_goes_its_own_way(self):
        table = self.table()
        table.put_item(Item={"customer": "ann", "number": 1})
        self.mesh.control("POST", "/_mesh/universes", {"name": "fork", "from": "default"})
        try:
            fork = self.mesh.client("dynamodb", universe="fork")
            key = {"customer": {"S": "ann"}, "number": {"N": "1"}}
            fork.delete_item(TableName="orders", Key=key)
            self.assertNotIn("Item", fork.get_item(TableName="orders", Key=key))
            self.assertIn("Item", self.dynamodb.get_item(TableName="orders", Key=key))
        finally:
            self.mesh.control("DELETE", "/_mesh/universes/fork")

    def test_what_is_wrong_is_refused_in_awss_words(self):
        self.table()
        for operation, parameters, sentence in [
            ("put_item", {"Item": {"customer": {"S": "a"}}},
             "One or more parameter values were invalid: Missing the key number in the item"),
            ("get_item", {"Key": {"customer": {"S": "a"}}}, "The provided key element does not match the schema"),
            ("query", {"KeyConditionExpression": "#n = :n", "ExpressionAttributeNames": {"#n": "number"},
              "ExpressionAttributeValues": {":n": {"N": "1"}}},
             "Query condition missed key schema element: customer"),
        ]:
            with self.assertRaises(ClientError) as caught:
                getattr(self.dynamodb, operation)(TableName="orders", **parameters)
            error = caught.exception.response["Error"]
            self.assertEqual((error["Code"], error["Message"]), ("ValidationException", sentence))
