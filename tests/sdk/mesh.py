"""Starts a mesh-local for a test, and ends it."""

import contextlib
import json
import os
import signal
import subprocess
import unittest
import urllib.request

import boto3
import run
from botocore.config import Config

CREDENTIALS = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}


class Mesh:
    """A running instance."""

    def __init__(self, binary, process, endpoint, port):
        self.binary, self.process, self.endpoint, self.port = binary, process, endpoint, port

    def client(self, service, universe=None, **options):
        """A boto3 client; a universe is named by the path prefix."""
        endpoint = self.endpoint + (f"/_mesh/u/{universe}" if universe else "")
        config = Config(**{"retries": {"max_attempts": 0}, "read_timeout": 30, **options.pop("config", {})})
        return boto3.client(service, endpoint_url=endpoint, config=config, **{**CREDENTIALS, **options})

    def control(self, method, path, body=None):
        """Calls the control plane."""
        data = json.dumps(body).encode() if body is not None else None
        headers = {"x-mesh": "1", "content-type": "application/json"}
        request = urllib.request.Request(self.endpoint + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def run(self, *arguments, **options):
        """Runs the binary's own command line against this instance."""
        environment = {**os.environ, "MESH_LOCAL_ENDPOINT": self.endpoint}
        return subprocess.run(
            [self.binary, *arguments], env=environment, capture_output=True, text=True, timeout=60, **options
        )


@contextlib.contextmanager
def running(binary, *arguments, stderr=None, **environment):
    """An instance on a free port, ended by its own process id."""
    command = [binary, "up", "--port", "0", "--json", *arguments]
    environment = {**os.environ, **environment}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, env=environment, text=True)
    try:
        ready = json.loads(process.stdout.readline())
        yield Mesh(binary, process, ready["endpoint"], ready["port"])
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(timeout=10)
        process.stdout.close()


class Case(unittest.TestCase):
    """Tests that share one instance: `self.mesh`."""

    @classmethod
    def setUpClass(cls):
        cls.context = running(run.BINARY)
        cls.mesh = cls.context.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.context.__exit__(None, None, None)
