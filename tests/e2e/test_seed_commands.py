"""The commands of the seed document run as they stand, with the AWS CLI that Debian ships."""
import os
import subprocess
from pathlib import Path

APP_ARN = "arn:aws:lambda:us-west-2:123:function:eventbridge-agent"


def run_seed_commands(server):
    script = f'aws() {{ /usr/bin/aws --endpoint-url {server.url} "$@"; }}; . {Path(__file__).with_name("seed_commands.sh")}'
    environment = {**os.environ, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
                   "AWS_DEFAULT_REGION": "us-west-2", "AWS_PAGER": "", "AWS_EC2_METADATA_DISABLED": "true"}
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=environment, timeout=120, check=False)


def test_every_command_of_the_seed_succeeds_and_what_it_made_is_listed(server):
    done = run_seed_commands(server)

    assert done.returncode == 0, done.stderr
    rules = {rule["Name"]: rule for rule in server.aws("list-rules")["Rules"]}
    assert set(rules) == {"s3-upload-processor", "alarm-responder", "hourly-report", "daily-summary", "order-processor"}
    assert rules["hourly-report"]["ScheduleExpression"] == "rate(1 hour)"
    assert rules["daily-summary"]["ScheduleExpression"] == "cron(0 9 * * ? *)"
    assert rules["order-processor"]["Arn"] == "arn:aws:events:us-west-2:000000000000:rule/order-processor"
    targets = server.aws("list-targets-by-rule", "--rule", "s3-upload-processor")["Targets"]
    assert targets == [{"Id": "1", "Arn": APP_ARN}]
    assert server.aws("list-rule-names-by-target", "--target-arn", APP_ARN)["RuleNames"] == ["s3-upload-processor"]


def test_the_order_event_of_the_seed_wakes_the_order_agent_once_a_rule_has_a_target(server):
    assert run_seed_commands(server).returncode == 0
    assert server.runs() == []
    server.aws("put-targets", "--rule", "order-processor", "--targets", f"Id=1,Arn={APP_ARN}")

    put = server.aws("put-events", "--entries",
                     '[{"Source": "myapp.orders", "DetailType": "Order Placed", "Detail": "{\\"orderId\\": \\"test_123\\"}"}]')

    assert put["FailedEntryCount"] == 0
    run = server.wait_for_runs(1)[0]
    assert run["agent"] == "order-processor"
    assert run["event_id"] == put["Entries"][0]["EventId"]
    assert "New order received: test_123" in run["result"]


def test_the_rules_survive_a_restart(server):
    assert run_seed_commands(server).returncode == 0

    assert server.stop() == 0
    server.start()

    assert len(server.aws("list-rules")["Rules"]) == 5
    assert server.aws("describe-rule", "--name", "daily-summary")["ScheduleExpression"] == "cron(0 9 * * ? *)"
