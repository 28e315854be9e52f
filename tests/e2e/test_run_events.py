"""The stream of what runs do: told while they do it, to those who listen, and to those who may."""
import json
import threading
import urllib.error
import urllib.request

from conftest import wait_for


class Listener:
    """Reads server-sent events of `GET /_eventbridge/runs/events` until it is closed."""

    def __init__(self, server, query=""):
        self.events = []
        self.answer = urllib.request.urlopen(f"{server.url}/_eventbridge/runs/events{query}", timeout=60)
        assert self.answer.headers["Content-Type"] == "text/event-stream"
        assert self.answer.readline() == b": listening\n"
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        kind = None
        for line in self.answer:
            if line.startswith(b"event: "):
                kind = line[7:].strip().decode()
            elif line.startswith(b"data: "):
                self.events.append((kind, json.loads(line[6:])))

    def kinds(self):
        return [kind for kind, _ in self.events]


def put_order(server):
    server.client().put_events(Entries=[{"Source": "demo", "DetailType": "Greeting", "Detail": "{}"}])


def route_all(server):
    client = server.client()
    client.put_rule(Name="all", EventPattern=json.dumps({"source": ["demo"]}))
    client.put_targets(Rule="all", Targets=[{"Id": "1", "Arn": "arn:aws:lambda:us-west-2:123:function:generic"}])


def test_listeners_hear_what_a_run_does_step_by_step(start_server):
    server = start_server("--verbose")
    route_all(server)
    listener, other = Listener(server), Listener(server, "?agent=nobody")

    put_order(server)

    wait_for(lambda: "run_ended" in listener.kinds(), "the end of the run")
    kinds = listener.kinds()
    assert kinds[0] == "run_begun" and kinds[-1] == "run_ended"
    assert "step_begun" in kinds and "step_ended" in kinds
    ended = [data for kind, data in listener.events if kind == "run_ended"][0]
    assert ended["state"] == "succeeded" and ended["agent"] == "generic"
    assert ended["run_id"] == server.runs()[0]["id"]
    assert other.events == []
    wait_for(lambda: any("step ended" in line for line in server.log), "the step in the log")
    assert not any("Greeting" in line and "step" in line for line in server.log), "what a step got is not logged"


def test_a_server_with_listeners_stops_at_once(start_server):
    server = start_server()
    listener = Listener(server)

    assert server.stop() == 0
    assert listener.events == []


def test_strangers_hear_and_decide_nothing(start_server, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text("AKIDEXAMPLE a-secret-of-some-length-or-other 123456789012\nBearer a-token-for-runs-and-events 123456789012\n", encoding="utf-8")
    keys.chmod(0o600)
    server = start_server("--access-keys", keys)
    for path, body in [("", None), ("/events", None), ("/x", None), ("/x/approve", b"{}"), ("/x/cancel", b"{}")]:
        try:
            urllib.request.urlopen(urllib.request.Request(f"{server.url}/_eventbridge/runs{path}", data=body), timeout=30)
            status = 200
        except urllib.error.HTTPError as error:
            status = error.code
        assert status in (401, 403), path

    listed = urllib.request.Request(f"{server.url}/_eventbridge/runs", headers={"Authorization": "Bearer a-token-for-runs-and-events"})
    assert json.load(urllib.request.urlopen(listed, timeout=30)) == {"runs": []}
