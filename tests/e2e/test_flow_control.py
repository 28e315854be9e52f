"""Flow control of agents in agents.yaml, on the real server: each mechanism, by events that are put with a real client."""
import json
import time

import pytest

from conftest import wait_for

AGENT = """
  - name: {name}
    tools: [log_event, s3_get]
    playbook:
      - tool: {tool}
        input: {input}
    respond: "seen <$.event.detail.n>"
    flow: {flow}
"""
LOG = '{event_id: <$.event.id>, details: <$.event.detail>}'
MISSING = "{bucket: not-there, key: missing.txt}"


def config(tmp_path, name, flow, tool="log_event", extra=""):
    text = "agents:" + AGENT.format(name=name, tool=tool, input=LOG if tool == "log_event" else MISSING, flow=flow)
    text += f"rules:\n  - name: {name}\n    pattern: {{source: [flow], detail-type: [Work]}}\n    agents: [{name}]\n{extra}"
    file = tmp_path / "agents.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def put(server, *details, kind="Work"):
    entries = [{"Source": "flow", "DetailType": kind, "Detail": json.dumps(detail)} for detail in details]
    answer = server.client().put_events(Entries=entries)
    assert answer["FailedEntryCount"] == 0
    return [entry["EventId"] for entry in answer["Entries"]]


def runs(server, state):
    return [run for run in server.runs() if run["state"] == state]


def wait_for_states(server, **wanted):
    def as_wanted():
        counts = {}
        listed = server.runs()
        for run in listed:
            counts[run["state"]] = counts.get(run["state"], 0) + 1
        return listed if counts == wanted else None
    return wait_for(as_wanted, f"runs {wanted}; there are {[(r['state'], r.get('error')) for r in server.runs()]}")


def test_a_rate_limit_drops_what_is_beyond_and_a_restart_does_not_forget_it(start_server, tmp_path):
    server = start_server("--config", config(tmp_path, "limited", "{rate_limit: {limit: 1, period: 1d, key: $.detail.user}}"))
    put(server, {"n": 1, "user": "ann"})
    wait_for_states(server, succeeded=1)
    put(server, {"n": 2, "user": "ann"}, {"n": 3, "user": "bob"})
    wait_for_states(server, succeeded=2, skipped=1)
    server.kill()
    server.start()

    dropped = put(server, {"n": 4, "user": "ann"})

    listed = wait_for_states(server, succeeded=2, skipped=2)
    assert [run["event_id"] for run in listed if run["state"] == "skipped"][0] == dropped[0]
    assert any("run skipped" in line for line in server.log)


def test_a_throttle_makes_events_wait_and_a_restart_does_not_lose_them(start_server, tmp_path):
    server = start_server("--config", config(tmp_path, "slow", "{throttle: {limit: 1, period: 1500ms}}"))
    began = time.monotonic()
    put(server, {"n": 1}, {"n": 2}, {"n": 3})
    wait_for_states(server, succeeded=1, waiting=2)
    server.kill()
    server.start()

    wait_for_states(server, succeeded=3)

    assert time.monotonic() - began > 2.5


def test_a_debounce_gives_the_last_event_of_a_burst(start_server, tmp_path):
    server = start_server("--config", config(tmp_path, "settled", "{debounce: {period: 1s, longest_wait: 1m}}"))

    events = put(server, *({"n": n} for n in range(5)))

    wait_for_states(server, succeeded=1, skipped=4)
    assert runs(server, "succeeded")[0]["event_id"] == events[-1]


def test_a_batch_is_one_run_and_a_kill_does_not_lose_it(start_server, tmp_path):
    server = start_server("--config", config(tmp_path, "gathered", "{batch: {size: 3, longest_wait: 2s}}"))
    put(server, {"n": 1}, {"n": 2})
    wait_for_states(server, waiting=2)
    server.kill()
    server.start()
    put(server, {"n": 3}, {"n": 4})

    wait_for_states(server, succeeded=2, skipped=2)

    batches = [run["id"] for run in runs(server, "succeeded")]
    assert all(any(batch in run["error"] for batch in batches) for run in runs(server, "skipped"))


def test_a_singleton_skips_while_its_run_is_tried_again(start_server, tmp_path):
    server = start_server("--config", config(tmp_path, "one", "{singleton: {mode: skip}}", tool="s3_get"))
    put(server, {"n": 1})
    wait_for_states(server, failed=1)

    put(server, {"n": 2})

    wait_for_states(server, failed=1, skipped=1)


def test_a_singleton_may_cancel_its_previous_run(start_server, tmp_path):
    server = start_server("--config", config(tmp_path, "one", "{singleton: {mode: cancel_previous}}", tool="s3_get"))
    first = put(server, {"n": 1})
    wait_for_states(server, failed=1)

    put(server, {"n": 2})

    wait_for_states(server, failed=1, cancelled=1)
    assert runs(server, "cancelled")[0]["event_id"] == first[0]


def test_another_event_cancels_what_waits(start_server, tmp_path):
    flow = "{throttle: {limit: 1, period: 1h}, cancel_on: [{pattern: {detail-type: [Stop]}, match: $.detail.order}]}"
    server = start_server("--config", config(tmp_path, "orders", flow))
    events = put(server, {"n": 1, "order": 1}, {"n": 2, "order": 2}, {"n": 3, "order": 3})
    wait_for_states(server, succeeded=1, waiting=2)
    waiting = {run["event_id"]: events.index(run["event_id"]) + 1 for run in runs(server, "waiting")}
    event, order = next(iter(waiting.items()))

    put(server, {"order": order}, kind="Stop")

    wait_for_states(server, succeeded=1, waiting=1, cancelled=1)
    assert runs(server, "cancelled")[0]["event_id"] == event
    assert "orders-cancel-1" in [rule["Name"] for rule in server.client().list_rules()["Rules"]]


def test_concurrency_lets_all_run_a_few_at_a_time(start_server, tmp_path):
    server = start_server("--config", config(tmp_path, "few", "{concurrency: {limit: 2, key: $.detail.user}}"))

    for start in range(0, 40, 10):
        put(server, *({"n": n, "user": n % 3} for n in range(start, start + 10)))

    wait_for_states(server, succeeded=40)


@pytest.mark.parametrize("flow, message", [
    ("{throttle: {limit: 1}}", "\"period\" is missing"),
    ("{debounce: {period: soon}}", "must be a duration"),
    ("{batch: {size: 2, longest_wait: 1s}, debounce: {period: 1s}}", "cannot be combined")])
def test_what_cannot_be_meant_is_refused_with_its_place(tmp_path, flow, message):
    from conftest import run_binary

    done = run_binary("rules", "--config", config(tmp_path, "a", flow))

    assert done.returncode != 0
    assert "agents.yaml:8:" in done.stderr and message in done.stderr
