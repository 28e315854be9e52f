"""kill -9 at random instants under load: no event that was accepted is lost, none is worked on twice."""
import collections
import http.client
import json
import os
import random
import sqlite3
import threading
from pathlib import Path

from conftest import wait_for

CONFIG = Path(__file__).parent / "configs/counter.yaml"
KILLS = int(os.environ.get("EBAGENT_KILLS", "500"))
SENDERS = 4


class Sender(threading.Thread):
    """Puts events on one connection as fast as they are answered, and notes the ids of those that were accepted."""

    def __init__(self, port, on_accepted):
        super().__init__(daemon=True)
        self.port = port
        self.on_accepted = on_accepted

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        body = json.dumps({"Entries": [{"Source": "test.load", "DetailType": "Load", "Detail": json.dumps({"number": n})}
                                       for n in range(10)]})
        headers = {"X-Amz-Target": "AWSEvents.PutEvents", "Content-Type": "application/x-amz-json-1.1"}
        try:
            while True:
                connection.request("POST", "/", body, headers)
                answer = json.loads(connection.getresponse().read())
                self.on_accepted([entry["EventId"] for entry in answer["Entries"]])
        except (OSError, http.client.HTTPException, ValueError):
            return  # the server was killed


def test_no_accepted_event_is_lost_or_worked_on_twice_over_hundreds_of_kills(start_server):
    chance = random.Random(4010)
    accepted = []
    server = start_server("--config", CONFIG)
    for _ in range(KILLS):
        enough = threading.Semaphore(0)

        def on_accepted(ids, enough=enough):
            accepted.extend(ids)
            enough.release()

        senders = [Sender(server.port, on_accepted) for _ in range(SENDERS)]
        for sender in senders:
            sender.start()
        for _ in range(chance.randint(1, 25)):
            assert enough.acquire(timeout=30), "the server stopped answering"
        server.kill()
        for sender in senders:
            sender.join(30)
        server.port = 0
        server.start()

    assert len(accepted) >= KILLS * 10
    assert len(set(accepted)) == len(accepted)
    health = wait_for(lambda: quiet(server), "every delivery to be made", 120)
    assert health["dead"] == 0
    assert server.stop() == 0

    runs = collections.Counter()
    with sqlite3.connect(f"file:{server.data}/events.db?mode=ro", uri=True) as database:
        for event_id, state in database.execute("SELECT event_id, state FROM runs"):
            runs[event_id] += 1
            assert state == 1, f"the run for {event_id} did not succeed"
    missing = [event for event in accepted if runs[event] == 0]
    twice = [event for event in accepted if runs[event] > 1]
    assert not missing, f"{len(missing)} of {len(accepted)} accepted events were lost"
    assert not twice
    print(f"{KILLS} kills, {len(accepted)} accepted events, {sum(runs.values())} runs, none lost")


def quiet(server):
    """The server's counts once nothing waits to be delivered."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", "/_eventbridge/health")
    counts = json.loads(connection.getresponse().read())["counts"]
    return counts if counts["pending"] == 0 else None
