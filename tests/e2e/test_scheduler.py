"""EventBridge Scheduler as the AWS CLI and boto3 know it: schedules that really fire, and their groups."""
import datetime
import http.client
import json
import os
import sqlite3
import subprocess
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from conftest import run_json, wait_for
from test_for_tests import reset

CONFIG = Path(__file__).parent / "configs/counter.yaml"
ROLE = "arn:aws:iam::123456789012:role/scheduler"
AGENT = {"Arn": "arn:aws:lambda:us-west-2:123456789012:function:counter", "RoleArn": ROLE}
OFF = {"Mode": "OFF"}
NEW_PYTHON = Path("/root/.pyenv/shims/python3")


@pytest.fixture
def server(start_server):
    return start_server("--config", CONFIG, "--allow-reset")


@pytest.fixture
def scheduler(server):
    return scheduler_client(server)


def scheduler_client(server, region=None):
    return boto3.client("scheduler", endpoint_url=server.url, region_name=region or server.region, aws_access_key_id="123456789012",
                        aws_secret_access_key="test", config=Config(retries={"max_attempts": 1}))


def rest(server, method, path, body=None):
    """One request as an SDK sends it; returns status and body."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    credential = f"AWS4-HMAC-SHA256 Credential=123456789012/20260101/{server.region}/scheduler/aws4_request, SignedHeaders=host, Signature=x"
    connection.request(method, path, json.dumps(body) if body is not None else None,
                       {"Content-Type": "application/json", "Authorization": credential})
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def cli(server, *args):
    environment = {**os.environ, "AWS_ACCESS_KEY_ID": "123456789012", "AWS_SECRET_ACCESS_KEY": "test", "AWS_PAGER": "",
                   "AWS_DEFAULT_REGION": server.region, "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}
    done = subprocess.run(["/usr/bin/aws", "--endpoint-url", server.url, "--output", "json", "scheduler", *map(str, args)],
                          capture_output=True, text=True, env=environment, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else {}


def in_seconds(seconds):
    return (datetime.datetime.utcnow() + datetime.timedelta(seconds=seconds)).strftime("at(%Y-%m-%dT%H:%M:%S)")


def events_of_schedules(server):
    """The events that firings made, by the name of their schedule."""
    found = {}
    with sqlite3.connect(f"file:{server.data}/events.db?mode=ro", uri=True) as database:
        for (text,) in database.execute("SELECT json FROM events ORDER BY seq"):
            event = json.loads(text)
            found.setdefault(event["resources"][0].rsplit("/", 1)[1], []).append(event)
    return found


def test_the_cli_makes_a_schedule_that_fires(server):
    made = cli(server, "create-schedule", "--name", "once", "--schedule-expression", in_seconds(2), "--flexible-time-window", "Mode=OFF",
               "--target", json.dumps({**AGENT, "Input": '{"number": 7}'}), "--description", "a test")

    assert made["ScheduleArn"] == "arn:aws:scheduler:us-west-2:123456789012:schedule/default/once"
    shown = cli(server, "get-schedule", "--name", "once")
    assert shown["Description"] == "a test"
    assert shown["CreationDate"].startswith(str(datetime.datetime.utcnow().year))
    server.wait_for_runs(1)
    assert [one["Name"] for one in cli(server, "list-schedules", "--name-prefix", "on")["Schedules"]] == ["once"]
    cli(server, "delete-schedule", "--name", "once")
    assert cli(server, "list-schedules")["Schedules"] == []


def test_the_cli_keeps_groups_and_tags(server):
    arn = cli(server, "create-schedule-group", "--name", "jobs", "--tags", "Key=team,Value=a")["ScheduleGroupArn"]
    cli(server, "tag-resource", "--resource-arn", arn, "--tags", "Key=cost,Value=1")
    cli(server, "untag-resource", "--resource-arn", arn, "--tag-keys", "team", "none")

    assert cli(server, "list-tags-for-resource", "--resource-arn", arn)["Tags"] == [{"Key": "cost", "Value": "1"}]
    assert [one["Name"] for one in cli(server, "list-schedule-groups")["ScheduleGroups"]] == ["default", "jobs"]
    assert cli(server, "get-schedule-group", "--name", "jobs")["State"] == "ACTIVE"
    cli(server, "delete-schedule-group", "--name", "jobs")
    assert len(cli(server, "list-schedule-groups")["ScheduleGroups"]) == 1


def test_a_rate_fires_at_once_with_a_notification(server, scheduler):
    scheduler.create_schedule(Name="every", ScheduleExpression="rate(1 hour)", FlexibleTimeWindow=OFF, Target=AGENT)

    server.wait_for_runs(1)
    event = events_of_schedules(server)["every"][0]
    assert (event["source"], event["detail-type"], event["detail"]) == ("aws.scheduler", "Scheduled Event", {})
    assert (event["account"], event["region"]) == ("123456789012", "us-west-2")


def test_errors_are_those_that_boto3_knows(scheduler):
    make = {"Name": "x", "ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": OFF, "Target": AGENT}
    scheduler.create_schedule(**make)

    with pytest.raises(scheduler.exceptions.ConflictException) as conflict:
        scheduler.create_schedule(**make)
    assert conflict.value.response["Error"]["Message"] == "Schedule x already exists."
    assert conflict.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409
    assert conflict.value.response["ResponseMetadata"]["RequestId"]
    with pytest.raises(scheduler.exceptions.ResourceNotFoundException):
        scheduler.get_schedule(Name="y")
    with pytest.raises(scheduler.exceptions.ValidationException) as invalid:
        scheduler.create_schedule(**{**make, "Name": "y", "ScheduleExpression": "rate(1 parsec)"})
    assert invalid.value.response["Error"]["Message"] == "Invalid Schedule Expression rate(1 parsec)."
    with pytest.raises(scheduler.exceptions.ValidationException):
        scheduler.delete_schedule_group(Name="default")


def test_dates_and_windows_come_back_as_they_were_given(scheduler):
    start = datetime.datetime(2040, 1, 1, 8, 30, tzinfo=datetime.timezone.utc)
    scheduler.create_schedule(Name="x", ScheduleExpression="cron(0 9 ? * MON-FRI *)", ScheduleExpressionTimezone="Europe/Berlin",
                              StartDate=start, EndDate=start.replace(year=2041), State="DISABLED", Target=AGENT,
                              FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15})

    shown = scheduler.get_schedule(Name="x")
    assert shown["StartDate"] == start
    assert shown["EndDate"] == start.replace(year=2041)
    assert shown["FlexibleTimeWindow"] == {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}
    assert shown["ScheduleExpressionTimezone"] == "Europe/Berlin"
    assert shown["State"] == "DISABLED"


def test_lists_have_pages(scheduler):
    scheduler.create_schedule_group(Name="many")
    for number in range(7):
        scheduler.create_schedule(Name=f"n{number}", GroupName="many", ScheduleExpression="rate(1 hour)", FlexibleTimeWindow=OFF,
                                  Target=AGENT, State="DISABLED" if number % 2 else "ENABLED")

    pages = list(scheduler.get_paginator("list_schedules").paginate(GroupName="many", PaginationConfig={"PageSize": 3}))
    assert [len(page["Schedules"]) for page in pages] == [3, 3, 1]
    disabled = scheduler.list_schedules(GroupName="many", State="DISABLED")["Schedules"]
    assert [one["Name"] for one in disabled] == ["n1", "n3", "n5"]
    assert disabled[0]["Target"] == {"Arn": AGENT["Arn"]}
    scheduler.delete_schedule_group(Name="many")
    assert scheduler.list_schedules()["Schedules"] == []


def test_an_update_replaces_what_a_schedule_says(server, scheduler):
    scheduler.create_schedule(Name="x", ScheduleExpression="at(2040-01-01T00:00:00)", FlexibleTimeWindow=OFF, Target=AGENT, Description="old")

    scheduler.update_schedule(Name="x", ScheduleExpression=in_seconds(1), FlexibleTimeWindow=OFF, Target=AGENT)

    assert "Description" not in scheduler.get_schedule(Name="x")
    server.wait_for_runs(1)


def test_an_event_bus_gets_an_event_that_its_rules_see(server, scheduler):
    bus = "arn:aws:events:us-west-2:123456789012:event-bus/default"
    events = server.client(account="123456789012")
    events.put_rule(Name="ticks", EventPattern='{"source": ["clock"], "detail": {"number": [3]}}')
    events.put_targets(Rule="ticks", Targets=[{"Id": "1", "Arn": AGENT["Arn"]}])
    scheduler.create_schedule(Name="x", ScheduleExpression="rate(1 hour)", FlexibleTimeWindow=OFF,
                              Target={"Arn": bus, "RoleArn": ROLE, "Input": '{"number": 3}',
                                      "EventBridgeParameters": {"DetailType": "Tick", "Source": "clock"}})

    server.wait_for_runs(1)
    event = events_of_schedules(server)["x"][0]
    assert (event["source"], event["detail-type"], event["detail"]) == ("clock", "Tick", {"number": 3})


def test_what_cannot_be_called_is_dead_lettered_with_the_reason(server, scheduler):
    target = "arn:aws:scheduler:::aws-sdk:ec2:startInstances"
    scheduler.create_schedule(Name="x", ScheduleExpression="rate(1 hour)", FlexibleTimeWindow=OFF,
                              Target={"Arn": target, "RoleArn": ROLE, "Input": '{"at": "<aws.scheduler.scheduled-time>"}'})

    letters = wait_for(lambda: run_json("dlq", "list", "--data", server.data)["dead_letters"], "a dead letter")
    attributes = letters[0]["attributes"]
    assert attributes["ERROR_CODE"] == "NO_RESOURCE" and target in attributes["ERROR_MESSAGE"]
    assert attributes["SCHEDULE_ARN"] == "arn:aws:scheduler:us-west-2:123456789012:schedule/default/x"
    assert attributes["IS_PAYLOAD_TRUNCATED"] == "false"
    shown = run_json("dlq", "show", letters[0]["id"], "--data", server.data)
    assert shown["input"] == '{"at": "%s"}' % attributes["SCHEDULED_TIME"]
    assert shown["event"]["id"] == attributes["EXECUTION_ID"]


def test_a_schedule_deletes_itself_after_its_last_time(server):
    made = {"ScheduleExpression": in_seconds(1), "FlexibleTimeWindow": OFF, "Target": AGENT, "ActionAfterCompletion": "DELETE"}
    assert rest(server, "POST", "/schedules/once", made)[0] == 200

    server.wait_for_runs(1)
    status, answer = rest(server, "GET", "/schedules/once")
    assert (status, answer) == (404, {"Message": "Schedule once does not exist."})


def test_the_same_request_twice_is_one_schedule(server):
    made = {"ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": OFF, "Target": AGENT, "ClientToken": "token"}

    assert rest(server, "POST", "/schedules/x", made) == rest(server, "POST", "/schedules/x", made)
    assert rest(server, "POST", "/schedules/x", {**made, "ClientToken": "other"})[0] == 409


def test_a_time_that_was_missed_is_made_up_for_once(server, scheduler):
    due = in_seconds(2)
    scheduler.create_schedule(Name="missed", ScheduleExpression=due, FlexibleTimeWindow=OFF, Target=AGENT)
    server.kill()
    wait_for(lambda: in_seconds(-1) > due, "its time to pass")
    server.port = 0
    server.start()

    server.wait_for_runs(1)
    server.kill()
    server.port = 0
    server.start()
    wait_for(lambda: rest(server, "GET", "/schedules/missed")[0] == 200, "the server to be back")
    assert len(events_of_schedules(server)["missed"]) == 1


def test_a_reset_forgets_schedules_and_groups(server, scheduler):
    due = in_seconds(2)
    scheduler.create_schedule_group(Name="g")
    scheduler.create_schedule(Name="x", ScheduleExpression=due, FlexibleTimeWindow=OFF, Target=AGENT)

    assert reset(server) == 200

    assert scheduler.list_schedules()["Schedules"] == []
    assert len(scheduler.list_schedule_groups()["ScheduleGroups"]) == 1
    wait_for(lambda: in_seconds(-1) > due, "its time to pass")
    assert server.runs() == []


NEWEST_BOTO3 = """
import boto3, datetime, sys
client = boto3.client("scheduler", endpoint_url=sys.argv[1], region_name="us-west-2", aws_access_key_id="123456789012", aws_secret_access_key="x")
at = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=1)).strftime("at(%Y-%m-%dT%H:%M:%S)")
client.create_schedule(Name="new", ScheduleExpression=at, FlexibleTimeWindow={"Mode": "OFF"}, ActionAfterCompletion="DELETE",
                       KmsKeyArn="arn:aws:kms:us-west-2:123456789012:key/abc",
                       Target={"Arn": "arn:aws:lambda:us-west-2:123456789012:function:counter", "RoleArn": "arn:aws:iam::123456789012:role/r"})
shown = client.get_schedule(Name="new")
print(shown["ActionAfterCompletion"], shown["KmsKeyArn"], shown["CreationDate"].year)
"""


def test_the_newest_boto3_finds_what_it_knows(server):
    if not NEW_PYTHON.exists() or subprocess.run([NEW_PYTHON, "-c", "import boto3"], capture_output=True, check=False).returncode:
        pytest.skip("no newer boto3 here")

    done = subprocess.run([NEW_PYTHON, "-c", NEWEST_BOTO3, server.url], capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[:2] == ["DELETE", "arn:aws:kms:us-west-2:123456789012:key/abc"]
    server.wait_for_runs(1)
    wait_for(lambda: rest(server, "GET", "/schedules/new")[0] == 404, "the schedule to delete itself")
