"""CloudWatch Logs as boto3 sees it: groups, streams, events, and the paginators over them."""

import time
import unittest

import mesh
import run
from botocore.exceptions import ClientError

GROUP, STREAM = "/aws/lambda/hello", "2026/01/01/[$LATEST]0123456789abcdef"


class Logs(mesh.Case):
    def setUp(self):
        self.mesh.control("POST", "/_mesh/universes/default/reset", {})
        self.logs = self.mesh.client("logs")
        self.logs.create_log_group(logGroupName=GROUP)
        self.logs.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)
        self.now = int(time.time() * 1000)

    def put(self, *messages, stream=STREAM, at=0):
        events = [{"timestamp": self.now + at, "message": message} for message in messages]
        return self.logs.put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=events)

    def get(self, **more):
        return self.logs.get_log_events(logGroupName=GROUP, logStreamName=STREAM, **more)

    def test_what_is_put_is_read(self):
        answer = self.put("START", "hello \u2603\n", "END")
        self.assertIn("nextSequenceToken", answer)
        self.assertNotIn("rejectedLogEventsInfo", answer)
        events = self.get()["events"]
        self.assertEqual([event["message"] for event in events], ["START", "hello \u2603\n", "END"])
        self.assertEqual({event["timestamp"] for event in events}, {self.now})
        self.assertTrue(all(abs(event["ingestionTime"] - self.now) < 60_000 for event in events))
        stream = self.logs.describe_log_streams(logGroupName=GROUP)["logStreams"][0]
        self.assertEqual((stream["logStreamName"], stream["lastEventTimestamp"]), (STREAM, self.now))
        group = self.logs.describe_log_groups(logGroupNamePrefix="/aws/")["logGroups"][0]
        self.assertEqual(group["arn"], f"arn:aws:logs:us-east-1:000000000000:log-group:{GROUP}:*")

    def test_the_forward_token_follows_the_stream_and_repeats_at_the_end(self):
        token = self.get(startFromHead=True)["nextForwardToken"]
        for message in ["one", "two"]:
            self.put(message)
            answer = self.get(startFromHead=True, nextToken=token)
            self.assertEqual([event["message"] for event in answer["events"]], [message])
            self.assertNotEqual(answer["nextForwardToken"], token)
            token = answer["nextForwardToken"]
        answer = self.get(startFromHead=True, nextToken=token)
        self.assertEqual((answer["events"], answer["nextForwardToken"]), ([], token))

    def test_streams_are_filtered_together_and_in_pages(self):
        self.logs.create_log_stream(logGroupName=GROUP, logStreamName="other")
        self.put(*[f"ERROR {n}" for n in range(5)])
        self.put("fine", "ERROR last", stream="other", at=1)
        pages = self.logs.get_paginator("filter_log_events").paginate(
            logGroupName=GROUP, filterPattern="ERROR", PaginationConfig={"PageSize": 2}
        )
        events = [event for page in pages for event in page["events"]]
        self.assertEqual([event["message"][6:] for event in events], ["0", "1", "2", "3", "4", "last"])
        self.assertEqual(events[-1]["logStreamName"], "other")
        self.assertEqual(len({event["eventId"] for event in events}), 6)

    def test_json_is_looked_into(self):
        self.put('{"level": "error", "code": 503}', '{"level": "info", "code": 200}', "plain")
        found = self.logs.filter_log_events(
            logGroupName=GROUP, filterPattern='{ $.level = "err*" && $.code >= 500 }'
        )
        self.assertEqual(len(found["events"]), 1)

    def test_time_is_the_universes(self):
        self.put("now")
        self.mesh.control("POST", "/_mesh/universes/default/clock/advance", {"by": "15d"})
        self.assertEqual(self.put("late")["rejectedLogEventsInfo"], {"tooOldLogEventEndIndex": 1})
        self.assertEqual(len(self.get()["events"]), 1)

    def test_errors_are_those_of_aws(self):
        for call, code, message in [
            (lambda: self.logs.create_log_group(logGroupName=GROUP), "ResourceAlreadyExistsException", "log group"),
            (lambda: self.put("x", stream="missing"), "ResourceNotFoundException", "log stream does not exist."),
            (lambda: self.get(nextToken="invalid"), "InvalidParameterException", "nextToken is invalid."),
            (lambda: self.logs.delete_log_group(logGroupName="missing"), "ResourceNotFoundException", "log group"),
        ]:
            with self.assertRaises(ClientError) as caught:
                call()
            error = caught.exception.response["Error"]
            self.assertEqual(error["Code"], code)
            self.assertIn(message, error["Message"])
        with self.assertRaises(ClientError) as caught:
            self.logs.put_retention_policy(logGroupName=GROUP, retentionInDays=1)
        self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 501)
