#!/usr/bin/env python3
"""Measures deliveries to targets outside of the server, on this machine, everything in one run:

    python3 bench/targets_bench.py [BUILD] [--events N]

- PutEvents to an HTTP target (bench/http_sink.cpp), until the sink has got every event;
- PutEvents to an SQS queue, whose endpoint is the same sink: what signing and sending cost;
- PutEvents to an SQS queue of moto_server, beside moto_server's own PutEvents to the same queue, where it is installed.

The load generator is bench/put_events_load.cpp with 10 entries a request, 16 connections; beside moto_server, which closes
each connection, it is this script for both, with the same entries. A line of JSON a measurement goes
to standard output and to bench/results/targets.jsonl.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
QUEUE = "arn:aws:sqs:us-east-1:123456789012:bench"
PATTERN = json.dumps({"source": ["myapp.orders"]})
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0"}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def call(url, service, target, **body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {
        "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target,
        "Authorization": SIGNED["Authorization"].format(service)})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read() or b"{}")


def put_rule(url, arn):
    call(url, "events", "AWSEvents.PutRule", Name="bench", EventPattern=PATTERN)
    call(url, "events", "AWSEvents.PutTargets", Rule="bench", Targets=[{"Id": "t", "Arn": arn}])


def wait(condition, seconds=600):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("waited in vain")
        time.sleep(0.005)


class Bench:
    def __init__(self, build, results):
        self.build = build
        self.results = results
        self.running = []

    def start(self, *command):
        process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                   text=True, env=CLEAN)
        self.running.append(process)
        return process

    def started(self, *command):
        line = self.start(*command).stdout.readline()
        return re.search(r"http://127\.0\.0\.1:\d+", line)[0]

    def sink(self):
        return self.started(self.build / "bench/http_sink")

    def serve(self, folder, *options):
        return self.started(self.build / "eventbridge-agent", "serve", "--port", "0", "--data", folder, *options)

    def moto(self):
        binary = shutil.which("moto_server")
        if binary is None:
            return None
        port = free_port()
        self.start(binary, "-H", "127.0.0.1", "-p", port)
        url = f"http://127.0.0.1:{port}"

        def answers():
            try:
                urllib.request.urlopen(url + "/moto-api/", timeout=5).close()
                return True
            except OSError:
                return False
        wait(answers, 60)
        return url

    def load(self, url, events, connections=16):
        port = url.rsplit(":", 1)[1]
        done = subprocess.run([str(self.build / "bench/put_events_load"), "--port", port, "--requests", str(events // 10),
                               "--entries", "10", "--connections", str(connections)], capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(done.stderr)
        return json.loads(done.stdout)

    def slow_load(self, url, events):
        entry = {"Source": "myapp.orders", "DetailType": "Order Placed", "Detail": json.dumps({"note": "x" * 430})}
        times = []

        def put(_):
            begin = time.monotonic()
            call(url, "events", "AWSEvents.PutEvents", Entries=[entry] * 10)
            times.append(time.monotonic() - begin)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(put, range(events // 10)))
        return {"p50_ms": round(sorted(times)[len(times) // 2] * 1000, 1)}

    def measure(self, name, url, events, received, load=None):
        before = received()
        begin = time.monotonic()
        accepted = (load or self.load)(url, events)
        put = time.monotonic() - begin
        wait(lambda: received() - before >= events)
        took = time.monotonic() - begin
        self.results.append({"name": name, "events": events, "seconds": round(took, 2),
                             "delivered_per_second": round(events / took), "accepted_in_seconds": round(put, 2),
                             "put_p50_ms": accepted.get("p50_ms")})
        print(json.dumps(self.results[-1]), flush=True)

    def end(self):
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.wait(90)


def sink_count(url):
    return lambda: int(urllib.request.urlopen(url, timeout=60).read())


def queue_count(url):
    def count():
        answer = call(url, "sqs", "AmazonSQS.GetQueueAttributes", QueueUrl=f"{url}/123456789012/bench",
                      AttributeNames=["ApproximateNumberOfMessages"])
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])
    return count


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", nargs="?", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    bench = Bench(options.build.resolve(), [])
    with tempfile.TemporaryDirectory() as folder:
        try:
            sink = bench.sink()
            http = bench.serve(f"{folder}/http")
            put_rule(http, sink + "/orders")
            bench.load(http, 2_000)
            wait(lambda: sink_count(sink)() >= 2_000)
            for _ in range(options.runs):
                bench.measure("PutEvents -> HTTP", http, options.events, sink_count(sink))
            sqs = bench.serve(f"{folder}/sqs", "--aws-endpoint", f"SQS={sink}")
            put_rule(sqs, QUEUE)
            for _ in range(options.runs):
                bench.measure("PutEvents -> SQS, signed", sqs, options.events, sink_count(sink))
            moto = bench.moto()
            if moto:
                call(moto, "sqs", "AmazonSQS.CreateQueue", QueueName="bench")
                put_rule(moto, QUEUE)
                ours = bench.serve(f"{folder}/moto", "--aws-endpoint", f"SQS={moto}")
                put_rule(ours, QUEUE)
                for _ in range(options.runs):
                    bench.measure("moto_server: PutEvents -> its SQS", moto, 300, queue_count(moto), bench.slow_load)
                    bench.measure("PutEvents -> moto_server's SQS", ours, 300, queue_count(moto), bench.slow_load)
        finally:
            bench.end()
    (ROOT / "bench/results").mkdir(exist_ok=True)
    (ROOT / "bench/results/targets.jsonl").write_text("".join(json.dumps(line) + "\n" for line in bench.results))


if __name__ == "__main__":
    main()
