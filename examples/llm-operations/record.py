#!/usr/bin/env python3
"""Makes the cassettes and tests of this example. The turns below were written by people: a stub of the model's service plays them
while the real binary runs the agents with their real tools on local stand-ins, and the runs are exported. No model is asked.

    EBAGENT_BINARY=build/release/eventbridge-agent examples/llm-operations/record.py
"""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests/e2e"))
from model_server import ModelServer  # noqa: E402

BINARY = os.environ.get("EBAGENT_BINARY", str(ROOT / "build/release/eventbridge-agent"))
CASES = {
    "uploads": ("s3-object-created.json", [
        {"calls": [{"tool": "describe_upload", "input": {}}]},
        {"calls": [{"tool": "load_csv", "input": {}}]},
        {"calls": [{"tool": "log_event", "input": {"details": {"loaded": True, "table": "sales"}}}]},
        {"text": "The upload was loaded into the table sales; rejected rows are listed in its summary under processed/."},
    ]),
    "alarms": ("cloudwatch-alarm.json", [
        {"calls": [{"tool": "diagnose_alarm", "input": {}}]},
        {"calls": [{"tool": "open_incident", "input": {"details": {"metric": "CPUUtilization", "threshold": 80}}},
                   {"tool": "send_notification", "input": {
                       "subject": "Alarm HighCPUUsage",
                       "message": "HighCPUUsage is in state ALARM: CPUUtilization is above 80. An incident is open."}}]},
        {"text": "HighCPUUsage is in state ALARM; an incident is open and the team was told."},
    ]),
    "orders": ("order-placed.json", [
        {"calls": [{"tool": "sql_query", "input": {"statement": "stock", "parameters": ["assorted"]}}]},
        {"calls": [{"tool": "send_email", "input": {
            "subject": "Order order_123", "body": "Order order_123 asks for 3 items; the stock has no such SKU."}},
                   {"tool": "log_event", "input": {"details": {"order": "order_123", "decision": "short of stock"}}}]},
        {"text": "Order order_123 cannot be served: the stock has no such SKU. The shop was told."},
    ]),
    "schedules": ("scheduled-event.json", [
        {"calls": [{"tool": "plan_task", "input": {}}]},
        {"calls": [{"tool": "generate_report", "input": {}},
                   {"tool": "log_event", "input": {"details": {"task": "generate_report"}}}]},
        {"text": "The hourly report was made."},
    ]),
}


def run(*args, **env):
    done = subprocess.run([BINARY, *map(str, args)], capture_output=True, text=True, check=False, timeout=60,
                          env={**os.environ, "ANTHROPIC_API_KEY": "none", **env})
    if done.returncode != 0:
        sys.exit(f"{args}: {done.stdout}{done.stderr}")
    return done.stdout


def main():
    config = (HERE / "agents.yaml").read_text(encoding="utf-8")
    for name, (event, turns) in CASES.items():
        server = ModelServer(turns).start()
        with tempfile.TemporaryDirectory() as folder:
            stubbed = Path(folder) / "agents.yaml"
            stubbed.write_text(config.replace("provider: anthropic,", f'provider: anthropic, url: "{server.url}",')
                               .replace("model: claude-sonnet-4-5", "model: written-by-hand"), encoding="utf-8")
            run("invoke", HERE.parent / "operations/events" / event, "--config", stubbed, "--data", f"{folder}/data",
                "--bucket", f"my-data-bucket={copy_of_uploads(folder)}", EBAGENT_CASSETTE_MODE="live")
            run_id = json.loads(run("runs", "list", "--json", "--data", f"{folder}/data"))["runs"][0]["id"]
            print(run("runs", "export", run_id, "--data", f"{folder}/data", "--config", HERE / "agents.yaml",
                      "--cassette", HERE / f"cassettes/{name}.json", "--test", HERE / f"tests/{name}.json",
                      EBAGENT_CASSETTE_MODE="live"), end="")
        server.stop()


def copy_of_uploads(folder):
    target = Path(folder) / "bucket/uploads"
    target.mkdir(parents=True)
    source = HERE.parent / "operations/data/my-data-bucket/uploads/data.csv"
    (target / "data.csv").write_bytes(source.read_bytes())
    return target.parent


if __name__ == "__main__":
    main()
