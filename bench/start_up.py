#!/usr/bin/env python3
"""Measures the time from starting the server to its first answer, and what it has resident then.

Usage: bench/start_up.py [BUILD] [EVENTS]    EVENTS: events in the store of the second measurement (default: a million)
"""
import json
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/release")
EVENTS = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
ROUNDS = 11


def start(data, *options):
    process = subprocess.Popen([BUILD / "eventbridge-agent", "serve", "--port", "0", "--data", data, *options],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    port = int(re.search(r":(\d+) ", process.stdout.readline())[1])
    return process, port


def health(port):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"GET /_eventbridge/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        text = b"".join(iter(lambda: connection.recv(4096), b""))
    return json.loads(text.split(b"\r\n\r\n", 1)[1])


def measure(name, folder_of_round, end):
    millis, resident = [], 0
    for number in range(ROUNDS):
        begin = time.monotonic()
        process, port = start(folder_of_round(number))
        counts = health(port)["counts"]
        millis.append((time.monotonic() - begin) * 1000)
        status = Path(f"/proc/{process.pid}/status").read_text()
        resident = int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024
        end(process)
        process.wait()
    print(json.dumps({"name": name, "events": counts["accepted"], "median_ms": round(statistics.median(millis), 1),
                      "worst_ms": round(max(millis), 1), "resident_mb": round(resident, 1)}), flush=True)


with tempfile.TemporaryDirectory() as folder:
    measure("empty store", lambda number: f"{folder}/{number}", subprocess.Popen.terminate)

    server, port_of_server = start(f"{folder}/full", "--config", str(ROOT / "bench/put_events.yaml"))
    subprocess.run([BUILD / "bench/put_events_load", "--port", str(port_of_server), "--requests", str(EVENTS // 10), "--connections",
                    "32"], check=True, stdout=subprocess.DEVNULL)
    while health(port_of_server)["counts"]["pending"]:
        time.sleep(0.1)
    server.terminate()
    server.wait()
    measure("full store", lambda _: f"{folder}/full", subprocess.Popen.terminate)
    measure("full store, killed before", lambda _: f"{folder}/full", subprocess.Popen.kill)
