"""STS and IAM as boto3 sees them: identities, temporary credentials, roles and their policies."""

import datetime
import json
import unittest

import mesh
import run
from botocore.exceptions import ClientError

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["sqs:*"], "Resource": "arn:aws:sqs:*:*:tags/a%3Ab"}],
}


class Access(mesh.Case):
    def setUp(self):
        self.mesh.control("POST", "/_mesh/universes/default/reset", {})
        self.iam, self.sts = self.mesh.client("iam"), self.mesh.client("sts")

    def role(self, name="worker", client=None, **more):
        client = client or self.iam
        return client.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST), **more)["Role"]

    def code(self, call, **arguments):
        with self.assertRaises(ClientError) as caught:
            call(**arguments)
        response = caught.exception.response
        return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]

    def test_a_plain_key_is_the_root_user_of_its_account(self):
        identity = self.sts.get_caller_identity()
        self.assertEqual(identity["Account"], "000000000000")
        self.assertEqual(identity["Arn"], "arn:aws:iam::000000000000:root")
        other = self.mesh.client("sts", aws_access_key_id="111111111111").get_caller_identity()
        self.assertEqual(other["UserId"], "111111111111")

    def test_credentials_of_a_role_lead_to_its_account(self):
        theirs = self.mesh.client("iam", aws_access_key_id="222222222222")
        role = self.role(client=theirs, Path="/team/")
        answer = self.sts.assume_role(RoleArn=role["Arn"], RoleSessionName="s1", DurationSeconds=900)
        credentials = answer["Credentials"]
        self.assertRegex(credentials["AccessKeyId"], r"^ASIA[A-Z2-7]{16}$")
        self.assertEqual(len(credentials["SecretAccessKey"]), 40)
        lifetime = credentials["Expiration"] - datetime.datetime.now(datetime.timezone.utc)
        self.assertTrue(datetime.timedelta(minutes=14) < lifetime <= datetime.timedelta(minutes=15), lifetime)
        keys = {
            "aws_access_key_id": credentials["AccessKeyId"],
            "aws_secret_access_key": credentials["SecretAccessKey"],
            "aws_session_token": credentials["SessionToken"],
        }
        identity = self.mesh.client("sts", **keys).get_caller_identity()
        self.assertEqual(identity["Arn"], "arn:aws:sts::222222222222:assumed-role/worker/s1")
        self.assertEqual(identity["UserId"], f"{role['RoleId']}:s1")
        self.assertEqual(identity["UserId"], answer["AssumedRoleUser"]["AssumedRoleId"])
        url = self.mesh.client("sqs", **keys).create_queue(QueueName="theirs")["QueueUrl"]
        self.assertTrue(url.endswith("/222222222222/theirs"), url)
        self.mesh.control("POST", "/_mesh/universes/default/reset", {})
        gone = self.mesh.client("sts", **keys).get_caller_identity
        self.assertEqual(self.code(gone), ("InvalidClientTokenId", 403))

    def test_a_session_token_serves_as_its_owner(self):
        credentials = self.sts.get_session_token()["Credentials"]
        client = self.mesh.client(
            "sts",
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
        )
        self.assertEqual(client.get_caller_identity()["Arn"], "arn:aws:iam::000000000000:root")
        self.assertEqual(self.code(client.get_session_token), ("AccessDenied", 403))

    def test_a_role_that_does_not_exist_is_not_assumed(self):
        arn = "arn:aws:iam::000000000000:role/missing"
        refused = self.code(self.sts.assume_role, RoleArn=arn, RoleSessionName="s1")
        self.assertEqual(refused, ("AccessDenied", 403))
        refused = self.code(self.sts.assume_role, RoleArn="nothing-valid-in-here", RoleSessionName="s1")
        self.assertEqual(refused, ("ValidationError", 400))

    def test_a_role_is_created_shown_and_deleted(self):
        created = self.role(Description="d", MaxSessionDuration=7200, Tags=[{"Key": "k", "Value": "v"}])
        self.assertEqual(created["AssumeRolePolicyDocument"], TRUST)
        shown = self.iam.get_role(RoleName="worker")["Role"]
        self.assertEqual(shown["AssumeRolePolicyDocument"], TRUST)
        self.assertEqual((shown["Description"], shown["MaxSessionDuration"]), ("d", 7200))
        self.assertEqual((shown["Tags"], shown["RoleLastUsed"]), ([{"Key": "k", "Value": "v"}], {}))
        self.assertEqual(shown["RoleId"], created["RoleId"])
        self.iam.get_waiter("role_exists").wait(RoleName="worker")
        with self.assertRaises(self.iam.exceptions.EntityAlreadyExistsException):
            self.role()
        self.iam.delete_role(RoleName="worker")
        with self.assertRaises(self.iam.exceptions.NoSuchEntityException) as caught:
            self.iam.get_role(RoleName="worker")
        self.assertEqual(
            caught.exception.response["Error"]["Message"], "The role with name worker cannot be found."
        )

    def test_roles_are_listed_in_pages(self):
        names = [f"role{n:02}" for n in range(25)]
        for name in names:
            self.role(name, Path="/a/" if name < "role10" else "/")
        pages = self.iam.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 10})
        pages = [[role["RoleName"] for role in page["Roles"]] for page in pages]
        self.assertEqual([len(page) for page in pages], [10, 10, 5])
        self.assertEqual(sum(pages, []), names)
        self.assertEqual(len(self.iam.list_roles(PathPrefix="/a/")["Roles"]), 10)

    def test_policies_belong_to_a_role_and_keep_it_from_being_deleted(self):
        self.role()
        self.iam.put_role_policy(RoleName="worker", PolicyName="p", PolicyDocument=json.dumps(POLICY))
        # recordings/iam.json::test_put_user_policy_encoding
        shown = self.iam.get_role_policy(RoleName="worker", PolicyName="p")
        self.assertEqual(shown["PolicyDocument"], POLICY)
        self.assertEqual(self.iam.list_role_policies(RoleName="worker")["PolicyNames"], ["p"])
        arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
        self.iam.attach_role_policy(RoleName="worker", PolicyArn=arn)
        attached = self.iam.list_attached_role_policies(RoleName="worker")["AttachedPolicies"]
        self.assertEqual(attached, [{"PolicyName": "AWSLambdaBasicExecutionRole", "PolicyArn": arn}])
        self.assertEqual(self.code(self.iam.delete_role, RoleName="worker"), ("DeleteConflict", 409))
        self.iam.detach_role_policy(RoleName="worker", PolicyArn=arn)
        self.assertEqual(self.code(self.iam.delete_role, RoleName="worker"), ("DeleteConflict", 409))
        self.iam.delete_role_policy(RoleName="worker", PolicyName="p")
        self.iam.delete_role(RoleName="worker")
        malformed = self.code(self.iam.create_role, RoleName="r", AssumeRolePolicyDocument="{")
        self.assertEqual(malformed, ("MalformedPolicyDocument", 400))
