"""Archives and replays with real clients; a replay survives kill -9."""
import collections
import json
import random
import sqlite3
import time
from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError

from conftest import wait_for
from test_for_tests import reset

GENERIC = "arn:aws:lambda:us-west-2:000000000000:function:generic"
BUS = "arn:aws:events:us-west-2:000000000000:event-bus/default"
ARCHIVE = "arn:aws:events:us-west-2:000000000000:archive/orders"
NOON = datetime(2026, 1, 26, 12, tzinfo=timezone.utc)


def put_events(client, count, first=0):
    """Events a second apart, from noon on; returns their ids."""
    ids = []
    for start in range(first, first + count, 10):
        answer = client.put_events(Entries=[
            {"Source": "shop", "DetailType": "Order", "Time": NOON + timedelta(seconds=n), "Detail": json.dumps({"n": n})}
            for n in range(start, min(start + 10, first + count))])
        ids += [entry["EventId"] for entry in answer["Entries"]]
    return ids


def start_replay(client, name, **changed):
    return client.start_replay(**{
        "ReplayName": name, "EventSourceArn": ARCHIVE, "EventStartTime": NOON - timedelta(hours=1),
        "EventEndTime": NOON + timedelta(hours=24), "Destination": {"Arn": BUS}, **changed})


def wait_until_ended(client, name, seconds=60):
    def ended():
        replay = client.describe_replay(ReplayName=name)
        return replay if "ReplayEndTime" in replay else None
    return wait_for(ended, f"replay {name} to end", seconds)


def replayed_runs(server):
    """How many runs each event has, by the name of the replay."""
    store = sqlite3.connect(f"file:{server.data}/events.db?mode=ro", uri=True, timeout=10)
    try:
        found = collections.defaultdict(collections.Counter)
        for event, in store.execute(
                "SELECT coalesce(r.event, e.json) FROM runs r LEFT JOIN events e ON e.id = r.event_id WHERE r.state = 1"):
            event = json.loads(event)
            found[event.get("replay-name")][event["id"]] += 1
        return found
    finally:
        store.close()


@pytest.fixture
def archive(server):
    client = server.client()
    client.create_archive(ArchiveName="orders", EventSourceArn=BUS, EventPattern='{"source":["shop"]}')
    client.put_rule(Name="shop", EventPattern='{"source":["shop"]}')
    client.put_targets(Rule="shop", Targets=[{"Id": "1", "Arn": GENERIC}])
    return client


def test_events_are_archived_and_replayed_with_the_name_of_the_replay(server, archive):
    ids = put_events(archive, 15)
    server.wait_for_runs(15)
    shown = archive.describe_archive(ArchiveName="orders")
    assert shown["EventCount"] == 15 and shown["State"] == "ENABLED"

    started = start_replay(archive, "again")
    assert started["State"] == "STARTING"
    ended = wait_until_ended(archive, "again")

    assert ended["State"] == "COMPLETED"
    assert ended["EventLastReplayedTime"] == NOON + timedelta(seconds=14)
    server.wait_for_runs(30)
    assert replayed_runs(server)["again"] == collections.Counter(ids)
    assert archive.describe_archive(ArchiveName="orders")["EventCount"] == 15


def test_a_replay_takes_a_span_of_time_and_some_rules(server, archive):
    ids = put_events(archive, 10)
    server.wait_for_runs(10)
    archive.put_rule(Name="other", EventPattern='{"source":["shop"]}')
    archive.put_targets(Rule="other", Targets=[{"Id": "1", "Arn": "arn:aws:sqs:us-west-2:000000000000:nobody"}])

    start_replay(archive, "some", EventStartTime=NOON + timedelta(seconds=3), EventEndTime=NOON + timedelta(seconds=5),
                 Destination={"Arn": BUS, "FilterArns": [archive.describe_rule(Name="shop")["Arn"]]})

    assert wait_until_ended(archive, "some")["State"] == "COMPLETED"
    server.wait_for_runs(13)
    assert replayed_runs(server)["some"] == collections.Counter(ids[3:6])


def test_the_aws_cli_sees_archives_and_replays_as_it_knows_them(server, archive):
    put_events(archive, 1)
    server.wait_for_runs(1)

    assert server.aws("list-archives", "--name-prefix", "ord")["Archives"][0]["ArchiveName"] == "orders"
    server.aws("start-replay", "--replay-name", "cli", "--event-source-arn", ARCHIVE, "--event-start-time", "2026-01-26T11:00:00Z",
               "--event-end-time", "2026-01-26T13:00:00Z", "--destination", f"Arn={BUS}")
    wait_until_ended(archive, "cli")
    assert server.aws("list-replays", "--state", "COMPLETED")["Replays"][0]["ReplayName"] == "cli"
    assert server.aws("update-archive", "--archive-name", "orders", "--retention-days", "7")["State"] == "ENABLED"
    assert server.aws("describe-archive", "--archive-name", "orders")["RetentionDays"] == 7
    assert server.aws("describe-rule", "--name", "Events-Archive-orders")["ManagedBy"] == "prod.vhs.events.aws.internal"
    server.aws("delete-archive", "--archive-name", "orders")
    assert server.aws("list-rules", "--name-prefix", "Events-Archive")["Rules"] == []


def test_refusals_are_the_exceptions_that_sdks_know(archive):
    with pytest.raises(archive.exceptions.ResourceAlreadyExistsException):
        archive.create_archive(ArchiveName="orders", EventSourceArn=BUS)
    with pytest.raises(archive.exceptions.ManagedRuleException):
        archive.delete_rule(Name="Events-Archive-orders")
    with pytest.raises(archive.exceptions.ResourceNotFoundException):
        archive.describe_replay(ReplayName="none")
    with pytest.raises(ClientError, match="Cross event bus replay is not permitted"):
        archive.create_event_bus(Name="other")
        start_replay(archive, "x", Destination={"Arn": BUS.replace("default", "other")})
    start_replay(archive, "again")
    wait_until_ended(archive, "again")
    with pytest.raises(archive.exceptions.IllegalStatusException):
        archive.cancel_replay(ReplayName="again")


def test_a_replay_that_is_killed_goes_on_and_leaves_nothing_out(server, archive):
    chance = random.Random(9)
    count = 4000
    ids = put_events(archive, count)
    archive.put_rule(Name="shop", EventPattern='{"source":["shop"],"replay-name":[{"exists":true}]}')
    wait_for(lambda: sum(replayed_runs(server)[None].values()) == count, "the first runs", 120)

    start_replay(archive, "again")
    interrupted = 0
    for _ in range(40):
        wait_for(lambda: archive.describe_replay(ReplayName="again")["State"] != "STARTING", "the replay to begin")
        time.sleep(chance.uniform(0, 0.02))  # kills come at any instant
        server.kill()
        server.start()
        archive = server.client()
        if archive.describe_replay(ReplayName="again")["State"] == "COMPLETED":
            break
        interrupted += 1
    ended = wait_until_ended(archive, "again", 120)

    assert interrupted > 0, "the replay was over before it could be killed"
    assert ended["State"] == "COMPLETED"
    wait_for(lambda: sum(replayed_runs(server)["again"].values()) >= count, "every event to arrive again", 120)
    runs = replayed_runs(server)["again"]
    assert runs == collections.Counter(ids)
    print(f"{count} events replayed once each over {interrupted} kills")


def test_a_reset_forgets_archives_and_replays(start_server):
    server = start_server("--allow-reset")
    client = server.client()
    client.create_archive(ArchiveName="orders", EventSourceArn=BUS)
    start_replay(client, "again")
    assert reset(server) == 200

    assert client.list_archives()["Archives"] == []
    assert client.list_replays()["Replays"] == []
    client.create_archive(ArchiveName="orders", EventSourceArn=BUS)
    assert client.describe_archive(ArchiveName="orders")["EventCount"] == 0
