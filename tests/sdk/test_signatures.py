"""`up --verify-signatures`: who is let in, and what the others are told, each in the words of its protocol."""

import gzip
import time
import unittest
import urllib.error
import urllib.request

import mesh
import run
from botocore.exceptions import ClientError

WRONG = {"aws_secret_access_key": "wrong"}


class Signatures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        context = mesh.running(run.BINARY, "--verify-signatures")
        cls.mesh = context.__enter__()
        cls.addClassCleanup(context.__exit__, None, None, None)

    def refusal(self, call, *arguments, **options):
        """Code and status of an error, and its sentence."""
        with self.assertRaises(ClientError) as refused:
            call(*arguments, **options)
        answer = refused.exception.response
        return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Message"]

    def test_a_right_signature_is_let_in_by_every_protocol(self):
        self.mesh.client("sqs").create_queue(QueueName="signed")
        self.mesh.client("dynamodb").list_tables()
        self.mesh.client("sts").get_caller_identity()
        self.mesh.client("iam").list_roles(PathPrefix="/a/~*/")
        self.mesh.client("lambda").list_functions(MaxItems=7)
        # a path with characters that a signature encodes twice
        code, _, _ = self.refusal(self.mesh.client("lambda").get_function, FunctionName="x:$LATEST")
        self.assertEqual(code, "ResourceNotFoundException")

    def test_an_account_is_still_named_by_its_key(self):
        sts = self.mesh.client("sts", aws_access_key_id="111111111111")
        self.assertEqual(sts.get_caller_identity()["Account"], "111111111111")

    def test_a_wrong_secret_is_told_in_the_words_of_the_protocol(self):
        for service, call, code, status in (
            ("dynamodb", lambda client: client.list_tables(), "InvalidSignatureException", 400),
            ("logs", lambda client: client.describe_log_groups(), "InvalidSignatureException", 400),
            ("sqs", lambda client: client.list_queues(), "SignatureDoesNotMatch", 400),
            ("sts", lambda client: client.get_caller_identity(), "SignatureDoesNotMatch", 403),
            ("iam", lambda client: client.list_roles(), "SignatureDoesNotMatch", 403),
            ("lambda", lambda client: client.list_functions(), "InvalidSignatureException", 403),
        ):
            with self.subTest(service):
                refused = self.refusal(call, self.mesh.client(service, **WRONG))
                self.assertEqual(refused[:2], (code, status))
                self.assertTrue(refused[2].startswith("The request signature we calculated does not match"), refused[2])

    def test_what_was_refused_was_not_done(self):
        self.refusal(self.mesh.client("sqs", **WRONG).create_queue, QueueName="refused")
        self.assertNotIn("refused", str(self.mesh.client("sqs").list_queues().get("QueueUrls")))

    def test_a_key_that_names_a_universe_is_no_key(self):
        self.mesh.control("POST", "/_mesh/universes", {"name": "other"})
        selector = {"aws_access_key_id": "other.universe"}
        self.assertEqual(self.refusal(self.mesh.client("sts", **selector).get_caller_identity)[0], "InvalidClientTokenId")
        self.assertEqual(self.refusal(self.mesh.client("dynamodb", **selector).list_tables)[0], "UnrecognizedClientException")
        # its prefix is signed along
        self.mesh.client("dynamodb", "other").list_tables()

    def test_credentials_of_sts_are_verified_with_the_secret_that_was_issued(self):
        issued = self.mesh.client("sts").get_session_token()["Credentials"]
        right = {
            "aws_access_key_id": issued["AccessKeyId"],
            "aws_secret_access_key": issued["SecretAccessKey"],
            "aws_session_token": issued["SessionToken"],
        }
        self.mesh.client("dynamodb", **right).list_tables()
        refused = self.refusal(self.mesh.client("dynamodb", **{**right, "aws_secret_access_key": "test"}).list_tables)
        self.assertEqual(refused[0], "InvalidSignatureException")
        without = self.refusal(self.mesh.client("dynamodb", **{**right, "aws_session_token": None}).list_tables)
        self.assertEqual(without[0], "UnrecognizedClientException")
        self.mesh.control("POST", "/_mesh/universes", {"name": "stranger"})
        self.mesh.control("POST", "/_mesh/universes/stranger/reset", {})
        self.assertEqual(self.refusal(self.mesh.client("dynamodb", "stranger", **right).list_tables)[0], "UnrecognizedClientException")

    def test_a_presigned_url_is_verified(self):
        url = self.mesh.client("sts").generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")
        with urllib.request.urlopen(url, timeout=10) as answer:
            self.assertIn(b"GetCallerIdentityResult", answer.read())
        self.assertEqual(self.status(urllib.request.Request(url + "0"))[:2], (403, "SignatureDoesNotMatch"))

    def test_an_unsigned_call_and_an_old_signature_are_refused(self):
        form = b"Action=GetCallerIdentity&Version=2011-06-15"
        unsigned = urllib.request.Request(self.mesh.endpoint, form, {"host": "sts.localhost"})
        self.assertEqual(self.status(unsigned)[:2], (403, "MissingAuthenticationToken"))
        url = self.mesh.client("sts").generate_presigned_url("get_caller_identity", ExpiresIn=1, HttpMethod="GET")
        end = time.monotonic() + 10
        while (said := self.status(urllib.request.Request(url))) is None:
            self.assertLess(time.monotonic(), end, "the signature did not expire")
        self.assertEqual(said[:2], (403, "SignatureDoesNotMatch"))
        self.assertTrue(said[2].startswith("Signature expired: "), said[2])

    def test_the_health_and_the_control_plane_need_no_signature(self):
        self.assertEqual(self.mesh.control("GET", "/_mesh/health")["status"], "ok")
        with urllib.request.urlopen(self.mesh.endpoint + "/_localstack/health", timeout=10) as answer:
            self.assertEqual(answer.status, 200)

    def test_without_the_option_no_signature_is_verified(self):
        with mesh.running(run.BINARY) as instance:
            instance.client("sqs", **WRONG).list_queues()

    def status(self, request):
        """Status, code and sentence of a refusal in XML; nothing where the request is let in."""
        try:
            with urllib.request.urlopen(request, timeout=10):
                return None
        except urllib.error.HTTPError as refused:
            with refused:
                said = refused.read().decode()
            within = [said.split(f"<{name}>")[1].split(f"</{name}>")[0] for name in ("Code", "Message")]
            return refused.code, *within


class CompressedBodies(unittest.TestCase):
    def test_a_signature_covers_the_body_as_it_was_sent(self):
        with mesh.running(run.BINARY, "--verify-signatures") as instance:
            logs = instance.client("logs")

            def compress(request, **_):
                request.data = gzip.compress(request.data)
                request.headers["Content-Encoding"] = "gzip"

            logs.meta.events.register("before-sign.logs.CreateLogGroup", compress)
            logs.create_log_group(logGroupName="compressed")
            self.assertEqual(len(instance.client("logs").describe_log_groups()["logGroups"]), 1)
