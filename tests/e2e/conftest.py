"""Starts the real binary for the end-to-end tests: on a free port, with a temporary data folder."""
import json
import os
import re
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("EBAGENT_BINARY", str(ROOT / "build/release/eventbridge-agent"))
DEADLINE = 30  # seconds to wait for anything before a test fails


def wait_for(condition, what, seconds=DEADLINE):
    """Polls until `condition()` is truthy and returns it; fails the test when it never is."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            pytest.fail(f"waited {seconds} s in vain: {what}")
        time.sleep(0.02)


def run_binary(*args, stdin=None, cwd=None, env=None, timeout=60):
    """Runs the binary to its end; returns the finished process with text output."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "EBAGENT_DATA"))}
    return subprocess.run([BINARY, *map(str, args)], input=stdin, capture_output=True, text=True, cwd=cwd,
                          env={**clean, **(env or {})}, timeout=timeout, check=False)


def run_json(*args, **kwargs):
    done = run_binary(*args, "--json", **kwargs)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class Server:
    """One `eventbridge-agent serve`; may be stopped, killed and started again over the same data folder."""

    def __init__(self, data, *args, region="us-west-2", env=None):
        self.data = Path(data)
        self.args = args
        self.region = region
        self.env = env or {}
        self.process = None
        self.log = []
        self.port = 0

    def start(self):
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "EBAGENT_"))}
        self.process = subprocess.Popen(
            [BINARY, "serve", "--port", str(self.port), "--data", str(self.data), "--region", self.region,
             *map(str, self.args)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**clean, **self.env})
        threading.Thread(target=self._collect, args=(self.process.stderr,), daemon=True).start()
        ready = self.process.stdout.readline()
        found = re.search(r"http://[\d.]+:(\d+)", ready)
        if not found:
            self.process.wait(DEADLINE)
            pytest.fail(f"the server did not start: {ready}{''.join(self.log)}")
        self.port = int(found[1])
        return self

    def _collect(self, stream):
        for line in stream:
            self.log.append(line)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def stop(self):
        """Asks it to end, as a service manager does, and returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(DEADLINE)

    def kill(self):
        self.process.kill()
        self.process.wait(DEADLINE)

    def aws_process(self, *args, timeout=60):
        environment = {
            **os.environ, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": self.region,
            "AWS_PAGER": "", "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "AWS_EC2_METADATA_DISABLED": "true"}
        return subprocess.run(["/usr/bin/aws", "--endpoint-url", self.url, "--output", "json", "events", *map(str, args)],
                              capture_output=True, text=True, env=environment, timeout=timeout, check=False)

    def aws(self, *args):
        """Runs `aws events …` and returns its parsed answer; fails the test when it refuses."""
        done = self.aws_process(*args)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else {}

    def client(self, account="test", region=None, secret="test"):
        import boto3
        from botocore.config import Config
        return boto3.client("events", endpoint_url=self.url, region_name=region or self.region, aws_access_key_id=account,
                            aws_secret_access_key=secret, config=Config(retries={"max_attempts": 1}))

    def runs(self, *args):
        return run_json("runs", "list", "--data", self.data, *args)["runs"]

    def wait_for_runs(self, count, *args, state="succeeded"):
        def enough():
            runs = self.runs(*args)
            return runs if len(runs) >= count and all(run["state"] == state for run in runs) else None
        return wait_for(enough, f"{count} runs {args} that {state}")


@pytest.fixture
def start_server(tmp_path):
    """Starts servers and ends what is still running after the test."""
    started = []

    def start(*args, data=tmp_path / "data", region="us-west-2", env=None):
        server = Server(data, *args, region=region, env=env)
        started.append(server)
        return server.start()

    yield start
    for server in started:
        if server.process and server.process.poll() is None:
            server.kill()


@pytest.fixture
def server(start_server):
    return start_server()
