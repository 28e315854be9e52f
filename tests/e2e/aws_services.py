"""A moto_server beside the binary: AWS services for targets to stand in. Tests that need it are skipped where it is absent."""
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request

import pytest

ACCOUNT = "123456789012"  # moto's own
REGION = "us-west-2"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Moto:
    """One moto_server. Its state is in memory: what is killed starts empty."""

    def __init__(self, **env):
        self.binary = shutil.which("moto_server")
        if self.binary is None:
            pytest.skip("moto_server is not installed")
        self.port = free_port()
        self.env = env
        self.process = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        clean = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        self.process = subprocess.Popen([self.binary, "-H", "127.0.0.1", "-p", str(self.port)], env={**clean, **self.env},
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(self.url + "/moto-api/", timeout=5):
                    return self
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    pytest.skip("moto_server does not start")
                time.sleep(0.05)

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait(30)
            self.process = None

    def client(self, service, key="test", secret="test"):
        import boto3
        return boto3.client(service, endpoint_url=self.url, region_name=REGION, aws_access_key_id=key,
                            aws_secret_access_key=secret)

    def queue(self, name, **attributes):
        """Makes a queue; returns its URL and ARN."""
        url = self.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        return url, f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"

    def messages(self, queue_url):
        """Takes out what is in the queue."""
        sqs = self.client("sqs")
        got = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, AttributeNames=["All"],
                                  MessageAttributeNames=["All"]).get("Messages", [])
        for message in got:
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
        return got


def put_rule(events, name, targets, pattern=None, bus="default"):
    events.put_rule(Name=name, EventBusName=bus, EventPattern=json.dumps(pattern or {"source": ["shop"]}))
    answer = events.put_targets(Rule=name, EventBusName=bus, Targets=targets)
    assert answer["FailedEntryCount"] == 0, answer


def put_events(events, count=1, source="shop", **detail):
    """Puts events and returns their ids."""
    ids = []
    for first in range(0, count, 10):
        entries = [{"Source": source, "DetailType": "Order", "Detail": json.dumps({"n": n, **detail})}
                   for n in range(first, min(count, first + 10))]
        answer = events.put_events(Entries=entries)
        assert answer["FailedEntryCount"] == 0, answer
        ids += [entry["EventId"] for entry in answer["Entries"]]
    return ids
