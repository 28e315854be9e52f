#!/usr/bin/env python3
"""Overloads a server on loopback and prints its answers, how long they took, and the most memory it had resident.

Usage: bench/overload.py [BUILD]

Four loads, one after the other, each against a server of its own: idle connections up to the bound; headers that never
end (slow loris) beside one client that works; bodies of a megabyte from many connections at once; small requests from
more connections than may be under way.
"""
import asyncio
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/release")
SECONDS = 8


def put_events(entries, detail_bytes):
    detail = json.dumps({"text": "x" * detail_bytes})
    entry = {"Source": "myapp.orders", "DetailType": "Order Placed", "Detail": detail}
    body = json.dumps({"Entries": [entry] * entries}).encode()
    head = (f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\n"
            f"X-Amz-Target: AWSEvents.PutEvents\r\nContent-Length: {len(body)}\r\n\r\n")
    return head.encode() + body


class Server:
    def __init__(self, *options):
        self.data = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen(
            [BUILD / "eventbridge-agent", "serve", "--port", "0", "--data", self.data.name, "--config",
             ROOT / "bench/put_events.yaml", *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.port = int(re.search(r":(\d+) ", self.process.stdout.readline())[1])

    def memory(self):
        """Resident megabytes: now, and the most there were."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return [int(re.search(rf"{name}:\s+(\d+)", status)[1]) // 1024 for name in ("VmRSS", "VmHWM")]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.data.cleanup()


async def answer(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    body = await reader.readexactly(int(re.search(rb"Content-Length: (\d+)", head)[1]))
    kind = re.search(rb'"__type":"(\w+)"', body)
    return kind[1].decode() if kind else head[9:12].decode()


async def client(port, request, until, answers, slowest):
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.monotonic() < until:
            begin = time.monotonic()
            writer.write(request)
            kind = await answer(reader)
            answers[kind] += 1
            slowest[kind] = max(slowest.get(kind, 0), time.monotonic() - begin)
        writer.close()
    except (OSError, asyncio.IncompleteReadError) as error:
        answers[type(error).__name__] += 1


def report(name, server, answers, slowest):
    now, most = server.memory()
    worst = {kind: round(seconds * 1000) for kind, seconds in slowest.items()}
    print(json.dumps({"load": name, "answers": dict(answers), "slowest_ms": worst, "resident_mb": now,
                      "most_resident_mb": most}), flush=True)


async def idle(port, count):
    return [await asyncio.open_connection("127.0.0.1", port) for _ in range(count)]


async def run(name, server, connections, request, beside=()):
    answers, slowest = Counter(), {}
    until = time.monotonic() + SECONDS
    await asyncio.gather(*(client(server.port, request, until, answers, slowest) for _ in range(connections)))
    report(name, server, answers, slowest)
    for _, writer in beside:
        writer.close()


async def main():
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with Server() as server:
        report("at rest", server, Counter(), {})
        held = await idle(server.port, 4_000)
        await run("4,000 idle connections, 16 at work", server, 16, put_events(10, 300), held)
    with Server() as server:
        held = await idle(server.port, 4_000)
        for _, writer in held:
            writer.write(b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        await run("4,000 headers that never end, 16 at work", server, 16, put_events(10, 300), held)
    with Server() as server:
        await run("200 connections with bodies of 1 MB", server, 200, put_events(10, 100_000))
    with Server("--max-requests", "64") as server:
        await run("500 connections, 64 requests allowed", server, 500, put_events(10, 300))


asyncio.run(main())
