"""The four kinds of event, put with real clients; what the agents really did is looked up where they did it."""
import json
import shutil
import sqlite3

import pytest

from conftest import ROOT, run_json

APP = "arn:aws:lambda:us-west-2:123:function:eventbridge-agent"
EVENTS = ROOT / "examples/operations/events"


def put_rule(server, name, pattern, arn=APP):
    client = server.client()
    client.put_rule(Name=name, EventPattern=json.dumps(pattern))
    client.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": arn}])


def put_event(server, source, detail_type, detail):
    answer = server.client().put_events(Entries=[{"Source": source, "DetailType": detail_type, "Detail": json.dumps(detail)}])
    assert answer["FailedEntryCount"] == 0
    return answer["Entries"][0]["EventId"]


def rows(server, statement):
    with sqlite3.connect(f"file:{server.data}/services.sqlite?mode=ro", uri=True) as database:
        return database.execute(statement).fetchall()


def test_an_upload_is_loaded_into_a_table_and_its_summary_stored(server):
    put_rule(server, "s3-upload-processor", {"source": ["aws.s3"], "detail": {"bucket": ["my-data-bucket"]}})

    put_event(server, "aws.s3", "Object Created", {"bucket": "my-data-bucket", "key": "uploads/data.csv", "size": 1024000})

    result = server.wait_for_runs(1)[0]["result"]
    assert result.startswith("Processing S3 file: s3://my-data-bucket/uploads/data.csv\nFile size: 1.02 MB\nAction: ")
    summary = json.loads((server.data / "buckets/my-data-bucket/processed/uploads/data.csv.json").read_text(encoding="utf-8"))
    assert rows(server, "SELECT count(*) FROM sales") == [(summary["loaded"],)]
    assert summary["loaded"] > 0
    assert {"line", "reason"} <= set(summary["errors"][0])


def test_an_alarm_scales_out_notifies_and_opens_an_incident_that_ok_closes(server):
    put_rule(server, "alarms", {"source": ["aws.cloudwatch"]})
    alarm = {"alarmName": "HighCPUUsage", "state": {"value": "ALARM"}, "metric": "CPUUtilization", "threshold": 80}

    put_event(server, "aws.cloudwatch", "CloudWatch Alarm State Change", alarm)
    result = server.wait_for_runs(1)[0]["result"]
    assert "ALARM: HighCPUUsage\nMetric: CPUUtilization exceeded 80%\nAction: " in result
    assert "(simulated)" in result
    assert rows(server, "SELECT alarm, is_open FROM incidents") == [("HighCPUUsage", 1)]

    put_event(server, "aws.cloudwatch", "CloudWatch Alarm State Change", {**alarm, "state": {"value": "OK"}})
    server.wait_for_runs(2)
    assert rows(server, "SELECT alarm, is_open FROM incidents") == [("HighCPUUsage", 0)]


def test_an_order_is_reserved_confirmed_and_recorded(server):
    put_rule(server, "order-processor", {"source": ["myapp.orders"], "detail-type": ["Order Placed"]})

    put_event(server, "myapp.orders", "Order Placed", {"orderId": "order_123", "customerId": "cust_456", "amount": 99.99, "items": 3})

    result = server.wait_for_runs(1)[0]["result"]
    assert result.startswith("New order received: order_123\nCustomer: cust_456\nAmount: $99.99\nAction: ")
    assert rows(server, "SELECT spent_cents FROM customers WHERE customer_id = 'cust_456'") == [(9999,)]


def test_an_order_over_the_stock_is_rejected_and_says_so(server):
    put_rule(server, "order-processor", {"source": ["myapp.orders"]})

    put_event(server, "myapp.orders", "Order Placed", {"orderId": "order_9", "customerId": "cust_456", "amount": 5, "items": 100000})

    result = server.wait_for_runs(1)[0]["result"]
    assert "rejected" in result.lower()
    assert "100000" in result


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_a_schedule_makes_the_hourly_report(server):
    put_rule(server, "scheduled", {"source": ["aws.events"]})

    put_event(server, "aws.events", "Scheduled Event", {"schedule": "rate(1 hour)", "task": "generate_report"})

    result = server.wait_for_runs(1)[0]["result"]
    assert result.startswith("Running scheduled task: generate_report\n")
    report = next((server.data / "buckets/reports/hourly").glob("*.pdf"))
    assert f"Report saved to s3://reports/hourly/{report.name}" in result
    assert report.read_bytes().startswith(b"%PDF-")


def test_a_backup_task_copies_and_verifies_the_databases(server):
    put_rule(server, "scheduled", {"source": ["aws.events"]})

    put_event(server, "aws.events", "Scheduled Event", {"task": "backup"})

    assert "Running scheduled task: backup" in server.wait_for_runs(1)[0]["result"]
    copies = list((server.data / "backups").rglob("*.sqlite")) + list((server.data / "backups").rglob("*.db"))
    assert copies
    with sqlite3.connect(copies[0]) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_anything_else_goes_to_the_generic_agent(server):
    put_rule(server, "all", {"source": ["myapp.other"]})

    put_event(server, "myapp.other", "Something", {"a": 1})

    assert server.wait_for_runs(1)[0]["agent"] == "generic"


@pytest.mark.parametrize("file", sorted(path.name for path in EVENTS.glob("*.json")))
def test_each_sample_event_is_worked_on_by_invoke(file, tmp_path):
    answer = run_json("invoke", EVENTS / file, "--data", tmp_path / "data")

    assert answer["runs"][0]["state"] == "succeeded"
    assert answer["text"]


def test_a_rate_schedule_fires_by_itself_after_a_restart(server):
    """The rule is made older in the store, as if a minute had gone by while nothing ran; nobody waits for the clock."""
    client = server.client()
    client.put_rule(Name="every-minute", ScheduleExpression="rate(1 minute)")
    client.put_targets(Rule="every-minute", Targets=[{"Id": "1", "Arn": APP}])
    server.kill()

    make_rule_older(server, "every-minute", seconds=90)
    server.start()

    run = server.wait_for_runs(1)[0]
    event = run_json("runs", "show", run["id"], "--data", server.data)["event"]
    assert event["detail-type"] == "Scheduled Event"
    assert event["resources"] == ["arn:aws:events:us-west-2:000000000000:rule/every-minute"]
    assert "Running scheduled task: generate_report" in run["result"]


def make_rule_older(server, name, seconds):
    with sqlite3.connect(server.data / "events.db") as database:
        for kind, key, text in database.execute("SELECT kind, key, json FROM catalog").fetchall():
            record = json.loads(text)
            if record.get("Name") == name:
                record["Anchor"] -= seconds * 1000
                database.execute("UPDATE catalog SET json = ? WHERE kind = ? AND key = ?", (json.dumps(record), kind, key))
