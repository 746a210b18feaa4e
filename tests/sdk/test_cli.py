"""The command line: instances in the foreground and the background, what is asked of them, scripts of the life cycle."""

import contextlib
import json
import os
import pathlib
import pty
import re
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

import mesh
import run


def cli(*arguments, timeout=60, **environment):
    """Runs the binary."""
    return subprocess.run(
        [run.BINARY, *arguments], env={**os.environ, **environment}, capture_output=True, text=True, timeout=timeout
    )


def wait_until(test, holds):
    end = time.monotonic() + 10
    while not holds():
        test.assertLess(time.monotonic(), end, "the condition did not come true in time")


def answers(port):
    with contextlib.closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class CommandLine(unittest.TestCase):
    def test_a_port_in_use_is_said_with_what_to_do(self):
        with mesh.running(run.BINARY) as instance:
            done = subprocess.run(
                [run.BINARY, "up", "--port", str(instance.port)], capture_output=True, text=True, timeout=10
            )
            self.assertEqual(done.returncode, 1)
            self.assertIn("in use", done.stderr)
            self.assertIn("--port 0", done.stderr)

    def test_an_instance_that_ends_with_its_input_outlives_nobody(self):
        command = [run.BINARY, "up", "--port", "0", "--json", "--end-with-input"]
        starter = f"import subprocess, sys; subprocess.Popen({command!r}, stdin=subprocess.PIPE); sys.stdin.read()"
        with subprocess.Popen(
            [sys.executable, "-c", starter], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            ready = json.loads(process.stdout.readline())
            process.kill()
        wait_until(self, lambda: not answers(ready["port"]))

    def test_an_address_that_others_can_reach_wants_a_token(self):
        done = subprocess.run(
            [run.BINARY, "up", "--port", "0", "--host", "0.0.0.0"], capture_output=True, text=True, timeout=10
        )
        self.assertEqual(done.returncode, 1)
        self.assertIn("--token", done.stderr)

    def test_run_gives_a_command_an_instance_of_its_own_and_returns_its_code(self):
        script = (
            "import boto3, sys;"
            "print(boto3.client('sqs').create_queue(QueueName='private')['QueueUrl']);"
            "sys.exit(7)"
        )
        done = subprocess.run(
            [run.BINARY, "run", "--", sys.executable, "-c", script], capture_output=True, text=True, timeout=60
        )
        self.assertEqual(done.returncode, 7, done.stderr)
        self.assertRegex(done.stdout, r"^http://localhost:\d+/000000000000/private\n$")

    def test_the_command_line_asks_a_running_instance(self):
        with mesh.running(run.BINARY) as instance:
            self.assertEqual(instance.run("healthcheck").returncode, 0)
            self.assertIn("version", instance.run("status").stdout)
            self.assertEqual(instance.run("universe", "fork", "pr-17").returncode, 0)
            self.assertIn("pr-17", instance.run("universe", "list").stdout)
            advanced = instance.run("clock", "advance", "25h", "--universe", "pr-17", "--json")
            self.assertIn("now", json.loads(advanced.stdout))
            self.assertIn("export AWS_ENDPOINT_URL=", instance.run("env").stdout)
        done = instance.run("status")
        self.assertEqual(done.returncode, 1)
        self.assertIn("mesh-local up", done.stderr)

    def test_a_table_is_for_a_terminal_and_lines_for_a_pipe(self):
        with mesh.running(run.BINARY) as instance:
            self.assertIn("name: default", instance.run("universe", "list").stdout)
            listed = json.loads(instance.run("universe", "list", "--json").stdout)
            self.assertEqual([universe["name"] for universe in listed["universes"]], ["default"])
            ours, theirs = pty.openpty()
            command = [run.BINARY, "universe", "list", "--endpoint", instance.endpoint]
            subprocess.run(command, stdout=theirs, timeout=60, check=True)
            os.close(theirs)
            shown = os.read(ours, 10_000).decode()
            os.close(ours)
            self.assertRegex(shown, r"^UNIVERSE +CLOCK +NOW .*\r\ndefault +running +20")

    def test_who_reads_no_further_is_no_failure(self):
        with mesh.running(run.BINARY) as instance:
            command = [run.BINARY, "status", "--endpoint", instance.endpoint]
            reader, writer = os.pipe()
            os.close(reader)
            done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, timeout=60)
            os.close(writer)
            self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_nothing_there_is_said_with_what_to_do(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            endpoint = f"http://localhost:{free.getsockname()[1]}"
        done = cli("status", "--endpoint", endpoint)
        self.assertEqual(done.returncode, 1)
        self.assertIn("mesh-local up", done.stderr)

    def test_names_of_localstack_are_honoured_where_ours_are_not_given(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        command = [run.BINARY, "up", "--json"]
        environment = {**os.environ, "GATEWAY_LISTEN": f"127.0.0.1:{port},127.0.0.1:443", "LOCALSTACK_HOST": "mesh.example:4566"}
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            self.assertEqual(json.loads(process.stdout.readline())["port"], port)
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(b"GET /_localstack/info HTTP/1.1\r\nHost: mesh.example\r\nConnection: close\r\n\r\n")
                self.assertIn(b" 200 ", connection.recv(100))
        finally:
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(timeout=10), 0)
            process.stdout.close()
        done = cli("up", GATEWAY_LISTEN="mesh.example:4566")
        self.assertEqual(done.returncode, 1)
        self.assertIn("GATEWAY_LISTEN", done.stderr)

    def log_of_an_integration_that_is_not_reached(self, *arguments, **environment):
        """What an instance says on standard error when an integration's server is not there."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            nobody = f"http://127.0.0.1:{free.getsockname()[1]}/"
        with tempfile.TemporaryFile("w+") as said:
            with mesh.running(run.BINARY, *arguments, stderr=said, **environment) as instance:
                gateway = instance.client("apigatewayv2")
                api = gateway.create_api(Name="a", ProtocolType="HTTP", Target=nobody)
                url = f"{instance.endpoint}/_aws/execute-api/{api['ApiId']}/$default/"
                with self.assertRaises(urllib.error.HTTPError) as refused:
                    urllib.request.urlopen(url, timeout=10)
                refused.exception.close()
            said.seek(0)
            return said.read()

    def test_the_cause_of_a_failure_is_told_on_standard_error(self):
        unreached = r"(?m)^WARN mesh_gateway: an integration's server was not reached: .*http://127\.0\.0\.1:\d+/"
        self.assertRegex(self.log_of_an_integration_that_is_not_reached(), unreached)
        self.assertEqual(self.log_of_an_integration_that_is_not_reached("--log", "error"), "")
        self.assertNotIn("DEBUG", self.log_of_an_integration_that_is_not_reached())
        self.assertRegex(self.log_of_an_integration_that_is_not_reached(DEBUG="1"), unreached)
        done = cli("up", "--log", "loud")
        self.assertEqual(done.returncode, 2)
        self.assertIn("debug", done.stderr)

    def test_run_leaves_out_what_would_lead_elsewhere(self):
        show = "import os; print(sorted(name for name in os.environ if name.startswith('AWS_')))"
        done = cli("run", "--", sys.executable, "-c", show, AWS_PROFILE="prod", AWS_ENDPOINT_URL_SQS="http://x")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("AWS_PROFILE", done.stdout)
        self.assertNotIn("AWS_ENDPOINT_URL_SQS", done.stdout)
        self.assertIn("'AWS_ENDPOINT_URL'", done.stdout)


class Background(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.state = {"XDG_STATE_HOME": self.directory.name}

    def test_it_runs_on_until_it_is_asked_to_end(self):
        done = cli("up", "-d", "--port", "0", "--json", **self.state)
        self.assertEqual(done.returncode, 0, done.stderr)
        started = json.loads(done.stdout)
        try:
            self.assertEqual(cli("healthcheck", "--endpoint", started["endpoint"]).returncode, 0)
            log = pathlib.Path(started["log"])
            self.assertEqual(log.parent, pathlib.Path(self.directory.name) / "mesh-local")
            self.assertEqual(stat.S_IMODE(log.stat().st_mode), 0o600)
            self.assertIn("Ready.", log.read_text())
            # It is in a session of its own: the end of this one's terminal does not reach it.
            self.assertEqual(os.getsid(started["pid"]), started["pid"])
        finally:
            ended = cli("down", "--endpoint", started["endpoint"])
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        with socket.socket() as again:
            again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            again.bind(("127.0.0.1", started["port"]))
        again = cli("down", "--endpoint", started["endpoint"])
        self.assertEqual(again.returncode, 0)
        self.assertIn("nothing runs", again.stdout)

    def test_a_failed_start_says_why(self):
        with mesh.running(run.BINARY) as instance:
            done = cli("up", "-d", "--port", str(instance.port), **self.state)
            self.assertEqual(done.returncode, 1)
            self.assertIn("in use", done.stderr)
            self.assertIn("--port 0", done.stderr)

    def test_it_returns_when_the_scripts_of_the_start_have_run(self):
        ready = pathlib.Path(self.directory.name) / "init" / "ready.d"
        ready.mkdir(parents=True)
        (ready / "seed.sh").write_text("echo seeded\n")
        done = cli("up", "-d", "--port", "0", "--json", "--init", str(ready.parent), **self.state)
        self.assertEqual(done.returncode, 0, done.stderr)
        started = json.loads(done.stdout)
        try:
            self.assertIn("seeded", pathlib.Path(started["log"]).read_text())
        finally:
            cli("down", "--endpoint", started["endpoint"])


class Logs(mesh.Case):
    GROUP, STREAM = "/aws/lambda/hello", "one"

    def setUp(self):
        self.mesh.control("POST", "/_mesh/universes/default/reset", {})
        self.logs = self.mesh.client("logs")
        self.logs.create_log_group(logGroupName=self.GROUP)
        self.logs.create_log_stream(logGroupName=self.GROUP, logStreamName=self.STREAM)

    def put(self, *messages, ago=0):
        at = self.mesh.control("GET", "/_mesh/universes/default/clock")["micros"] // 1000 - ago * 1000
        events = [{"timestamp": at, "message": message} for message in messages]
        self.logs.put_log_events(logGroupName=self.GROUP, logStreamName=self.STREAM, logEvents=events)

    def lines(self, *arguments):
        done = self.mesh.run("logs", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.splitlines()

    def test_the_events_of_a_group_are_printed(self):
        self.assertEqual(self.lines(), [self.GROUP])
        self.put("START\n", "hello \u2603", "ERROR no")
        lines = self.lines(self.GROUP)
        self.assertEqual([line.split("  ", 1)[1] for line in lines], ["START", "hello \u2603", "ERROR no"])
        self.assertRegex(lines[0], r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z  START$")
        self.assertEqual(len(self.lines(self.GROUP, "--filter", "ERROR")), 1)
        events = [json.loads(line) for line in self.lines(self.GROUP, "--json")]
        self.assertEqual([event["message"] for event in events], ["START\n", "hello \u2603", "ERROR no"])

    def test_more_than_a_page_is_printed(self):
        for begin in range(0, 15_000, 5_000):
            self.put(*[str(n) for n in range(begin, begin + 5_000)])
        self.assertEqual(len(self.lines(self.GROUP)), 15_000)

    def test_since_is_by_the_clock_of_the_universe(self):
        self.put("before")
        self.mesh.control("POST", "/_mesh/universes/default/clock/advance", {"by": "2h"})
        self.put("after")
        self.assertEqual(len(self.lines(self.GROUP)), 2)
        lines = self.lines(self.GROUP, "--since", "1h")
        self.assertEqual([line.split("  ", 1)[1] for line in lines], ["after"])

    def test_a_region_and_an_account_are_chosen(self):
        self.assertEqual(self.lines("--region", "eu-west-1"), [])
        self.assertEqual(self.lines("--account", "111111111111"), [])

    def test_new_events_are_followed(self):
        self.put("first")
        command = [run.BINARY, "logs", self.GROUP, "--follow", "--endpoint", self.mesh.endpoint]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            self.assertIn("first", process.stdout.readline())
            self.put("late", ago=5)
            self.put("second")
            self.assertIn("late", process.stdout.readline())
            self.assertIn("second", process.stdout.readline())
        finally:
            process.terminate()
            process.wait(timeout=10)
            process.stdout.close()

    def test_a_group_that_is_not_there_is_said_with_what_to_do(self):
        done = self.mesh.run("logs", "hello")
        self.assertEqual(done.returncode, 1)
        self.assertIn("/aws/lambda/NAME", done.stderr)
        self.assertIn("mesh-local logs", done.stderr)


class Doctor(unittest.TestCase):
    def findings(self, endpoint, **environment):
        done = cli("doctor", "--json", "--endpoint", endpoint, **environment)
        told = json.loads(done.stdout)
        self.assertEqual(done.returncode, 0 if told["can_start"] else 1)
        for finding in told["findings"]:
            if finding["level"] != "ok":
                self.assertTrue(finding["next"], finding)
        return told

    def about(self, told, about):
        return [finding for finding in told["findings"] if finding["about"] == about]

    def test_a_running_instance_is_known(self):
        with mesh.running(run.BINARY) as instance:
            told = self.findings(instance.endpoint)
            self.assertTrue(told["can_start"])
            self.assertEqual(self.about(told, "port")[0]["level"], "ok")
            self.assertIn("mesh-local", self.about(told, "port")[0]["found"])

    def test_another_program_on_the_port_keeps_it_from_starting(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            told = self.findings(f"http://127.0.0.1:{other.getsockname()[1]}")
            self.assertFalse(told["can_start"])
            self.assertEqual(self.about(told, "port")[0]["level"], "problem")

    def test_the_environment_and_the_programs_are_looked_at(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            endpoint = f"http://127.0.0.1:{free.getsockname()[1]}"
        path = f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"
        told = self.findings(
            endpoint, PATH=path, HTTP_PROXY="http://proxy:3128", NO_PROXY="", no_proxy="", AWS_PROFILE="production"
        )
        self.assertTrue(told["can_start"])
        self.assertIn("free", self.about(told, "port")[0]["found"])
        self.assertEqual(self.about(told, "proxy")[0]["level"], "warning")
        self.assertTrue(any("AWS_PROFILE" in finding["found"] for finding in self.about(told, "AWS_*")))
        self.assertIn("boto3", self.about(told, "python")[0]["found"])
        self.assertIn("--endpoint-url", self.about(told, "aws")[0]["next"])


class Scripts(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = pathlib.Path(directory.name)

    def script(self, name, text, mode=0o755):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    @contextlib.contextmanager
    def up(self, *arguments, **environment):
        """An instance with the scripts; its output up to where it says where it is has been read."""
        command = [run.BINARY, "up", "--port", "0", "--init", str(self.root), *arguments]
        process = subprocess.Popen(
            command,
            env={**os.environ, "XDG_STATE_HOME": str(self.root / "state"), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            endpoint = re.search(r"http://localhost:(\d+)", process.stdout.readline())
            yield mesh.Mesh(run.BINARY, process, endpoint[0], int(endpoint[1]))
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.wait(timeout=10)
            process.stdout.close()

    def until(self, process, line):
        lines = []
        while not lines or lines[-1] != line:
            text = process.stdout.readline()
            self.assertTrue(text, f"{line!r} did not come: {lines}")
            lines.append(text.rstrip("\n"))
        return lines

    def scripts(self, instance):
        told = instance.control("GET", "/_localstack/init")
        return told["completed"], {script["name"]: script["state"] for script in told["scripts"]}

    def test_they_run_in_order_before_it_is_ready(self):
        self.script("boot.d/1.sh", "#!/bin/sh\necho booted\n")
        self.script("start.d/1.sh", "#!/bin/sh\necho started\n")
        self.script("ready.d/20-no-mark.sh", "echo second $AWS_ENDPOINT_URL $AWS_REGION\n", mode=0o644)
        self.script("ready.d/10-first.sh", "#!/bin/bash\n[[ -n $BASH ]] && echo first\n", mode=0o644)
        self.script("ready.d/30-third.py", "import sys; print('third', flush=True); sys.exit(3)\n", mode=0o644)
        self.script("ready.d/data.json", "{}")
        with self.up(AWS_DEFAULT_REGION="eu-west-1", AWS_REGION="eu-west-1") as instance:
            lines = self.until(instance.process, "Ready.")
            words = ("booted", "started", "first", "second", "third")
            printed = [line for line in lines if line.startswith(words)]
            second = f"second {instance.endpoint} eu-west-1"
            self.assertEqual(printed, ["booted", "started", "first", second, "third"])
            self.assertTrue(any("30-third.py" in line and "code 3" in line for line in lines), lines)
            completed, states = self.scripts(instance)
            self.assertEqual(completed, {"BOOT": True, "START": True, "READY": True, "SHUTDOWN": False})
            self.assertEqual(states["10-first.sh"], "SUCCESSFUL")
            self.assertEqual(states["30-third.py"], "ERROR")
            self.assertNotIn("data.json", states)

    def test_a_script_that_hangs_holds_up_neither_requests_nor_the_end(self):
        self.script("ready.d/hang.sh", "#!/bin/sh\nsleep 1000 &\necho $!\nwait\n")
        with self.up() as instance:
            sleeping = int(next(line for line in iter(instance.process.stdout.readline, "") if line.strip().isdigit()))
            instance.client("sqs").create_queue(QueueName="q")
            completed, states = self.scripts(instance)
            self.assertEqual((completed["READY"], states["hang.sh"]), (False, "RUNNING"))
            begun = time.monotonic()
            instance.process.send_signal(signal.SIGTERM)
            self.assertEqual(instance.process.wait(timeout=5), 0)
            self.assertLess(time.monotonic() - begun, 1)
            self.assertNotIn("Ready.", instance.process.stdout.read())

            def is_gone():
                try:
                    status = pathlib.Path(f"/proc/{sleeping}/stat").read_text()
                except FileNotFoundError:
                    return True
                return status.rsplit(")", 1)[1].split()[0] == "Z"

            wait_until(self, is_gone)

    def test_the_last_scripts_still_reach_it(self):
        self.script(
            "shutdown.d/1.py",
            "import os, urllib.request as r\n"
            "print(r.urlopen(os.environ['AWS_ENDPOINT_URL'] + '/_localstack/init/shutdown').read().decode())\n",
        )
        with self.up() as instance:
            self.until(instance.process, "Ready.")
            instance.process.send_signal(signal.SIGTERM)
            self.assertEqual(instance.process.wait(timeout=10), 0)
            self.assertIn('"RUNNING"', instance.process.stdout.read())

    def test_what_scripts_print_is_kept_apart_from_the_line_of_json(self):
        self.script("ready.d/1.sh", "#!/bin/sh\necho noise\n")
        command = [run.BINARY, "up", "--port", "0", "--json", "--init", str(self.root)]
        environment = {**os.environ, "XDG_STATE_HOME": str(self.root / "state")}
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        try:
            self.assertIn("port", json.loads(process.stdout.readline()))
        finally:
            process.send_signal(signal.SIGTERM)
            said, noise = process.communicate(timeout=10)
        self.assertEqual((said, noise), ("", "noise\n"))

    def test_awslocal_is_there_also_where_it_is_not_installed(self):
        self.script("ready.d/1.sh", "#!/bin/sh\nawslocal sqs create-queue --queue-name seeded\n")
        tools = pathlib.Path(sys.executable).parent
        places = [place for place in os.environ["PATH"].split(":") if not (pathlib.Path(place) / "awslocal").exists()]
        with self.up(PATH=":".join([str(tools), *places])) as instance:
            self.until(instance.process, "Ready.")
            self.assertEqual(self.scripts(instance)[1]["1.sh"], "SUCCESSFUL")
            self.assertIn("seeded", instance.client("sqs").list_queues()["QueueUrls"][0])

    def test_a_directory_without_stages_is_refused(self):
        done = cli("up", "--port", "0", "--init", str(self.root))
        self.assertEqual(done.returncode, 1)
        self.assertIn("ready.d", done.stderr)
