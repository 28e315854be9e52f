"""A disk that is full or cannot write: callers are told, nothing that was accepted is lost, and it goes on by itself."""
import json
import os
import resource
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from conftest import wait_for

CONFIG = Path(__file__).parent / "configs/counter.yaml"
BUILD = Path(os.environ.get("EBAGENT_BUILD", Path(__file__).resolve().parents[2] / "build/release"))
PADDING = "x" * 20_000


def put(server, count=5):
    """Puts events; gives the ids of those that were accepted, or the status and type of the error."""
    entries = [{"Source": "test.load", "DetailType": "Load", "Detail": json.dumps({"number": n, "padding": PADDING})}
               for n in range(count)]
    request = urllib.request.Request(server.url, json.dumps({"Entries": entries}).encode(), {
        "X-Amz-Target": "AWSEvents.PutEvents", "Content-Type": "application/x-amz-json-1.1"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return [entry["EventId"] for entry in json.loads(answer.read())["Entries"]], None
    except urllib.error.HTTPError as error:
        return [], (error.code, json.loads(error.read())["__type"])


def put_until_refused(server, attempts=2_000):
    accepted = []
    for _ in range(attempts):
        ids, error = put(server)
        accepted += ids
        if error:
            return accepted, error
    pytest.fail("the server never refused an event although the disk is full")


def health(server):
    with urllib.request.urlopen(f"{server.url}/_eventbridge/health", timeout=30) as answer:
        return json.loads(answer.read())["counts"]


def assert_all_were_worked_on(server, accepted):
    counts = wait_for(lambda: (c := health(server))["pending"] == 0 and c, "every delivery to be made", 60)
    assert counts["dead"] == 0
    assert server.stop() == 0
    runs = server.runs("--limit", "10000", "--state", "succeeded")
    ids = [run["event_id"] for run in runs]
    assert len(set(ids)) == len(ids)
    assert set(accepted) <= set(ids)


def assert_goes_on(server, accepted):
    ids, error = wait_for(lambda: (answer := put(server))[0] and answer, "events to be accepted again")
    assert error is None
    server.kill()  # what was answered is on disk, whatever happened before
    server.start()
    assert_all_were_worked_on(server, accepted + ids)


def test_a_full_disk_refuses_events_and_recovers_when_there_is_room_again(start_server):
    server = start_server("--config", CONFIG)
    pid = server.process.pid
    unlimited = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    accepted = put(server)[0]
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (3_000_000, unlimited[1]))

    more, error = put_until_refused(server)

    assert error == (503, "InternalException")
    assert put(server)[1] == error, "and goes on to refuse"
    resource.prlimit(pid, resource.RLIMIT_FSIZE, unlimited)
    assert_goes_on(server, accepted + more)


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a file system of 6 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)], capture_output=True, text=True,
                             check=False)
    if mounted.returncode != 0:
        pytest.skip("only root may mount a small file system: " + mounted.stderr.strip())
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_file_system_refuses_events_and_recovers_when_it_grows(start_server, small_disk):
    server = start_server("--config", CONFIG, data=small_disk / "data")
    accepted, error = put_until_refused(server)

    assert error == (503, "InternalException")
    subprocess.run(["mount", "-o", "remount,size=60m", str(small_disk)], check=True)
    assert_goes_on(server, accepted)


def test_a_disk_that_cannot_flush_refuses_events_and_recovers(start_server, tmp_path, monkeypatch):
    library = BUILD / "tests/faults/libfailing_fsync.so"
    trigger = tmp_path / "fail"
    server = start_server("--config", CONFIG, env={"LD_PRELOAD": str(library), "EBAGENT_FAIL_FSYNC": str(trigger)})
    accepted = put(server)[0]
    assert accepted

    for _ in range(20):
        trigger.touch()
        ids, error = put(server)
        assert (ids, error) == ([], (503, "InternalException"))
        trigger.unlink()
        ids = wait_for(lambda: put(server)[0], "events to be accepted again")
        accepted += ids

    assert_goes_on(server, accepted)
