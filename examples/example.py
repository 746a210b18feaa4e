"""What the tests of the examples share: a mesh-local of their own, and pages whose commands are run.

An example is a directory with a README.md, whose commands stand in `console` blocks with their answers, and a test.py that
makes a case of [`Example`] and ends with [`main`].
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/sdk"))
import mesh  # noqa: E402

TOOLS = pathlib.Path(sys.executable).parent
PLACEHOLDER = re.compile(r"<\w+>")


def examples(text):
    """The commands of a page, each with its answer."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return [(command, "".join(line + "\n" for line in answer)) for command, answer in found]


def npm_install(folder):
    """Why packages cannot be had, or nothing."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "node and npm are not installed"
    if int(subprocess.check_output(["node", "-p", "process.versions.node"], text=True).split(".")[0]) < 20:
        return "node is older than 20, which the AWS SDK for JavaScript wants"
    install = ["npm", "install", "--no-audit", "--no-fund", "--prefer-offline", "--prefix", str(folder)]
    done = subprocess.run(install, capture_output=True, text=True, timeout=300)
    return None if done.returncode == 0 else f"npm could not install the packages of {folder}: {done.stderr.strip()[-300:]}"


class Example(unittest.TestCase):
    """One example, against a mesh-local of its own. `here` is its directory, `binary` what is tested."""

    here = None
    binary = None

    @classmethod
    def setUpClass(cls):
        # Works on a copy, so that npm's packages do not lie between the sources.
        cls.copy = ROOT / "target/examples" / cls.here.name
        shutil.copytree(
            cls.here, cls.copy, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules", "__pycache__")
        )
        # the functions, and the commands of the page, find the Python that has boto3, and the binary that is tested
        beside = cls.copy / "bin"
        beside.mkdir(exist_ok=True)
        (beside / "mesh-local").unlink(missing_ok=True)
        (beside / "mesh-local").symlink_to(cls.binary)
        os.environ["PATH"] = os.pathsep.join([str(beside), str(TOOLS), os.environ["PATH"]])
        context = mesh.running(cls.binary)
        cls.mesh = context.__enter__()
        cls.addClassCleanup(context.__exit__, None, None, None)
        nowhere = str(cls.copy / "none")
        cls.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": cls.mesh.endpoint,
            "AWS_CONFIG_FILE": nowhere,
            "AWS_SHARED_CREDENTIALS_FILE": nowhere,
            "AWS_EC2_METADATA_DISABLED": "true",
            "MESH_LOCAL_ENDPOINT": cls.mesh.endpoint,
        }

    def setUp(self):
        self.mesh.control("POST", "/_mesh/universes/default/reset", {})

    def run_(self, *command):
        """What a command writes; it has to succeed."""
        done = subprocess.run(command, cwd=self.copy, env=self.environment, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def aws(self, *arguments):
        """What the AWS CLI answers."""
        tool = TOOLS / "aws"
        if not tool.exists():
            self.skipTest("the AWS CLI is not installed beside this Python")
        text = self.run_(str(tool), "--endpoint-url", self.mesh.endpoint, "--output", "json", *arguments)
        return json.loads(text) if text else None

    def follow(self, heading):
        """Runs the commands below a heading of the page and compares each answer."""
        for tool in ("bash", "curl"):
            if shutil.which(tool) is None:
                self.skipTest(f"{tool} is not installed")
        page = (self.here / "README.md").read_text()
        section = page.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
        told = examples(section.replace("http://localhost:4566", self.mesh.endpoint))
        self.assertGreater(len(told), 5)
        mark = "\x1e"
        script = "".join(f"{{ {command}\n}} 2>&1; printf '\\x1e'\n" for command, _ in told)
        with tempfile.NamedTemporaryFile("w", suffix=".sh") as file:
            file.write(script)
            file.flush()
            answers = self.run_("bash", file.name).split(mark)
        self.assertEqual(len(answers), len(told) + 1)
        for (command, expected), answer in zip(told, answers):
            with self.subTest(command):
                pattern = r'[^\s"/]+'.join(map(re.escape, PLACEHOLDER.split(expected)))
                if re.fullmatch(pattern, answer) is None:
                    self.assertEqual(answer, expected)

    def needs_packages(self, folder):
        why_not = npm_install(self.copy / folder)
        if why_not is not None:
            self.skipTest(why_not)

    def check_that_an_endpoint_is_wanted(self):
        """deploy.py ends with a sentence where it would deploy to AWS itself."""
        environment = {name: value for name, value in self.environment.items() if name != "AWS_ENDPOINT_URL"}
        command = [sys.executable, "deploy.py"]
        done = subprocess.run(command, cwd=self.copy, env=environment, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn("AWS_ENDPOINT_URL is not set", done.stderr)


def main(case, wanted):
    """Runs a case, if the binary serves what it wants: an operation for each service."""
    case.binary = str(pathlib.Path(sys.argv.pop(1)).resolve())
    with mesh.running(case.binary) as instance:
        services = {service["name"]: service["operations"] for service in instance.control("GET", "/_mesh/status")["services"]}
    lacking = [name for name, operation in wanted.items() if operation not in services.get(name, [])]
    if lacking:
        print(f"SKIPPED: this mesh-local does not serve {', '.join(lacking)}")
        return
    unittest.main(verbosity=2)
