#!/usr/bin/env python3
"""1,000 runs that wait for a slow model at the same time: what they take in memory, and how soon all of them are done.

    bench/waiting_runs.py build/release [RUNS [SECONDS]]
"""
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "e2e"))
from model_server import ModelServer  # noqa: E402

CONFIG = """
models:
  slow: {{provider: openai, model: stub, url: "{url}", api_key: env:STUB_KEY}}
agents:
  - {{name: thinker, model: slow, instructions: Think., tools: [log_event]}}
rules:
  - {{name: all, pattern: {{source: [bench]}}, agents: [thinker]}}
"""


def status(pid, name):
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    return 0


def main():
    build = Path(sys.argv[1])
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000
    delay = float(sys.argv[3]) if len(sys.argv) > 3 else 20
    turns = [{"calls": [{"tool": "log_event", "input": {"event_id": "x", "details": {}}}], "delay": delay, "times": 0, "turn": 0},
             {"text": "Done.", "times": 0}]
    with tempfile.TemporaryDirectory() as folder, ModelServer(turns) as models:
        config = Path(folder) / "agents.yaml"
        config.write_text(CONFIG.format(url=models.url), encoding="utf-8")
        server = subprocess.Popen(
            [build / "eventbridge-agent", "serve", "--port", "0", "--data", f"{folder}/data", "--config", config,
             "--workers", str(runs * 4 // 3 + 8)],  # one target gets three quarters of them
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={"STUB_KEY": "k", "PATH": "/usr/bin:/bin"})
        try:
            url = server.stdout.readline().split(" is ready at ")[1].split()[0]
            idle = status(server.pid, "VmRSS")
            import boto3
            events = boto3.client("events", endpoint_url=url, region_name="us-east-1", aws_access_key_id="t",
                                  aws_secret_access_key="t")
            begin = time.monotonic()
            for first in range(0, runs, 10):
                events.put_events(Entries=[{"Source": "bench", "DetailType": "B", "Detail": json.dumps({"n": first + i})}
                                           for i in range(10)])
            while len(models.requests) < runs and time.monotonic() - begin < 10 * delay:
                time.sleep(0.1)
            all_wait = time.monotonic() - begin
            waiting = status(server.pid, "VmRSS")
            threads = status(server.pid, "Threads")
            while True:
                listed = subprocess.run([build / "eventbridge-agent", "runs", "list", "--data", f"{folder}/data", "--state",
                                         "succeeded", "--limit", str(runs), "--json"], capture_output=True, text=True, check=True)
                if len(json.loads(listed.stdout)["runs"]) >= runs or time.monotonic() - begin > 20 * delay:
                    break
                time.sleep(0.5)
            done = time.monotonic() - begin
            print(json.dumps({
                "name": "runs that wait for a model", "runs": runs, "turn_seconds": delay,
                "idle_mb": round(idle / 1024, 1), "waiting_mb": round(waiting / 1024, 1), "threads": threads,
                "kb_a_run": round((waiting - idle) / runs, 1), "all_wait_after_s": round(all_wait, 1),
                "all_done_after_s": round(done, 1), "peak_mb": round(status(server.pid, "VmHWM") / 1024, 1),
                "succeeded": len(json.loads(listed.stdout)["runs"])}))
        finally:
            server.terminate()
            server.wait(60)


main()
