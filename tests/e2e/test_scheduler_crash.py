"""kill -9 at random instants while schedules are made and fire: each whose making was answered fires, and fires once."""
import collections
import datetime
import http.client
import json
import os
import random
import sqlite3
import threading
import time
from pathlib import Path

from conftest import wait_for
from test_durability import quiet

CONFIG = Path(__file__).parent / "configs/counter.yaml"
SECONDS = int(os.environ.get("EBAGENT_SCHEDULE_CRASH_SECONDS", "20"))
MAKERS = 3


class Maker(threading.Thread):
    """Makes one-time schedules, due a few seconds later, as fast as they are answered; notes those that were."""

    def __init__(self, server, number, made):
        super().__init__(daemon=True)
        self.server = server
        self.number = number
        self.made = made
        self.goes_on = True

    def run(self):
        count = 0
        while self.goes_on:
            connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=5)
            try:
                while self.goes_on:
                    count += 1
                    self.make(connection, f"schedule-{self.number}-{count}")
                    time.sleep(0.005)
            except (OSError, http.client.HTTPException, ValueError):
                time.sleep(0.05)  # the server was killed

    def make(self, connection, name):
        due = datetime.datetime.utcnow() + datetime.timedelta(seconds=random.randint(1, 4))
        body = {"ScheduleExpression": due.strftime("at(%Y-%m-%dT%H:%M:%S)"), "FlexibleTimeWindow": {"Mode": "OFF"},
                "Target": {"Arn": "arn:aws:lambda:us-west-2:000000000000:function:counter", "RoleArn": "arn:aws:iam::000000000000:role/r"}}
        connection.request("POST", f"/schedules/{name}", json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
        self.made.append(name)


def test_no_firing_is_lost_or_doubled_over_many_kills(start_server):
    chance = random.Random(7)
    made = []
    server = start_server("--config", CONFIG)
    makers = [Maker(server, number, made) for number in range(MAKERS)]
    for maker in makers:
        maker.start()
    kills = 0
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        time.sleep(chance.uniform(0.1, 0.8))
        server.kill()
        kills += 1
        server.port = 0
        server.start()
    for maker in makers:
        maker.goes_on = False
        maker.join(30)

    wait_for(lambda: nothing_is_planned(server), "every schedule to fire")
    wait_for(lambda: quiet(server), "every delivery to be made", 120)
    assert server.stop() == 0

    fired = collections.Counter()
    run = collections.Counter()
    with sqlite3.connect(f"file:{server.data}/events.db?mode=ro", uri=True) as database:
        for (event,) in database.execute("SELECT json FROM events"):
            fired[json.loads(event)["resources"][0].rsplit("/", 1)[1]] += 1
        for event, state in database.execute("SELECT e.json, r.state FROM runs r JOIN events e ON e.id = r.event_id"):
            assert state == 1
            run[json.loads(event)["resources"][0].rsplit("/", 1)[1]] += 1
    assert len(made) > 100
    assert [name for name in made if fired[name] != 1] == []
    assert [name for name in made if run[name] != 1] == []
    print(f"{kills} kills, {len(made)} schedules whose making was answered, each fired once")


def nothing_is_planned(server):
    with sqlite3.connect(f"file:{server.data}/events.db?mode=ro", uri=True) as database:
        return database.execute("SELECT count(*) FROM schedules WHERE due IS NOT NULL").fetchone()[0] == 0
