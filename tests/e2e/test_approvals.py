"""A call that needs a person waits, durably, for one answer; runs are cancelled and done again."""
import json
import urllib.error
import urllib.request

import pytest

from conftest import run_binary, run_json, wait_for

CONFIG = """
agents:
  - name: clerk
    approval_timeout: {timeout}
    tools:
      - log_event
      - name: send_notification
        approval: required
    playbook:
      - {{name: note, tool: log_event, input: {{event_id: <$.event.id>, details: {{text: <$.event.detail.text>}}}}}}
      - name: tell
        tool: send_notification
        on_error: continue
        input: {{topic_arn: "arn:aws:sns:us-east-1:000000000000:ops", message: "<$.event.detail.text>"}}
    respond:
      - {{when: {{steps: {{tell: {{error: [{{exists: true}}]}}}}}}, text: "Not told: <$.steps.tell.error>"}}
      - {{text: "Told."}}
rules:
  - name: notes
    pattern: {{source: [shop.notes]}}
    agents: [clerk]
"""


@pytest.fixture
def office(start_server, tmp_path):
    def begin(timeout="1h"):
        config = tmp_path / "agents.yaml"
        config.write_text(CONFIG.format(timeout=timeout), encoding="utf-8")
        return start_server("--config", config)
    return begin


def put_note(server, text="hello"):
    entry = {"Source": "shop.notes", "DetailType": "Note", "Detail": json.dumps({"text": text})}
    return server.client().put_events(Entries=[entry])["Entries"][0]["EventId"]


def waiting(server):
    return run_json("runs", "waiting", "--data", server.data)["waiting"]


def parked(server):
    put_note(server)
    return wait_for(lambda: waiting(server), "a call that waits")[0]


def over(server, run_id):
    def ended():
        run = shown(server, run_id)
        return run if run["state"] not in ("running", "waiting") else None
    return wait_for(ended, f"the end of run {run_id}")


def shown(server, run_id):
    return run_json("runs", "show", run_id, "--data", server.data)


def steps(run, name):
    return [step for step in run["steps"] if step["name"] == name]


def ask(server, path, body=None, method=None):
    request = urllib.request.Request(f"{server.url}/_eventbridge/runs{path}", method=method,
                                     data=None if body is None else json.dumps(body).encode())
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def test_an_approved_call_is_made_once_and_the_run_goes_on(office):
    server = office()
    question = parked(server)
    assert question["tool"] == "send_notification" and question["call"] == "tell"
    assert question["arguments"]["message"] == "hello" and question["reason"] == "required"
    assert steps(shown(server, question["run_id"]), "note")[0]["state"] == "succeeded"

    done = run_binary("runs", "approve", question["run_id"], "--comment", "fine", "--data", server.data)

    assert done.returncode == 0, done.stderr
    run = over(server, question["run_id"])
    assert run["state"] == "succeeded" and run["result"] == "Told."
    assert [step["state"] for step in steps(run, "tell")] == ["succeeded"]
    assert len(steps(run, "note")) == 1 and steps(run, "note")[0]["attempts"] == 1
    answer = steps(run, "approval of tell")[0]["output"]
    assert answer["approved"] is True and answer["comment"] == "fine" and answer["by"]
    assert waiting(server) == []
    text = run_binary("runs", "show", question["run_id"], "--data", server.data).stdout
    assert "approved by" in text and "fine" in text and "waited for people" in text


def test_a_denied_call_is_not_made_and_the_agent_learns_why(office):
    server = office()
    question = parked(server)

    done = run_binary("runs", "deny", question["run_id"][:13], "--step", "tell", "--comment", "too loud", "--data", server.data)

    assert done.returncode == 0, done.stderr
    run = over(server, question["run_id"])
    assert run["state"] == "succeeded" and "too loud" in run["result"]
    assert steps(run, "tell") == []


def test_a_question_that_nobody_answers_counts_as_denied(office):
    server = office(timeout="1s")
    question = parked(server)

    run = over(server, question["run_id"])

    assert "Not told" in run["result"] and steps(run, "tell") == []
    assert steps(run, "approval of tell")[0]["output"]["approved"] is False
    late = run_binary("runs", "approve", question["run_id"], "--data", server.data)
    assert late.returncode == 1 and "waits for nobody" in late.stderr


def test_a_question_outlives_the_server(office):
    server = office()
    question = parked(server)
    server.kill()
    assert waiting(server) == [question]
    done = run_binary("runs", "approve", question["run_id"], "--data", server.data)
    assert done.returncode == 0, done.stderr

    server.start()

    run = over(server, question["run_id"])
    assert run["result"] == "Told." and len(steps(run, "tell")) == 1


def test_an_answer_is_taken_once(office):
    server = office()
    question = parked(server)

    first = ask(server, f"/{question['run_id']}/approve", {"step": "tell", "by": "ana"})
    second = ask(server, f"/{question['run_id']}/deny", {"step": "tell"})

    assert first[0] == 200 and first[1]["step"]["output"]["by"] == "ana"
    assert second[0] == 409
    assert over(server, question["run_id"])["result"] == "Told."
    assert run_binary("runs", "deny", question["run_id"], "--step", "tell", "--data", server.data).returncode == 1


def test_a_run_that_waits_is_cancelled(office):
    server = office()
    question = parked(server)

    done = run_binary("runs", "cancel", question["run_id"], "--reason", "no need", "--data", server.data)

    assert done.returncode == 0, done.stderr
    run = over(server, question["run_id"])
    assert run["state"] == "cancelled" and "no need" in run["error"] and steps(run, "tell") == []
    assert run_binary("runs", "approve", question["run_id"], "--data", server.data).returncode == 1
    assert ask(server, f"/{question['run_id']}/cancel", {})[0] == 409
    wait_for(lambda: health(server)["pending"] == 0, "the delivery to end")
    assert health(server)["dead"] == 0


def health(server):
    with urllib.request.urlopen(f"{server.url}/_eventbridge/health", timeout=30) as answer:
        return json.loads(answer.read())["counts"]


def test_a_run_is_done_again_whole_and_from_a_step(office):
    server = office()
    first = parked(server)["run_id"]
    ask(server, f"/{first}/approve", {})
    over(server, first)
    wait_for(lambda: health(server)["pending"] == 0, "the delivery to end")

    status, again = ask(server, f"/{first}/rerun", {})
    assert status == 200 and again["rerun_of"] == first
    question = wait_for(lambda: waiting(server), "the question to be asked again")[0]
    assert question["run_id"] == again["id"]
    ask(server, f"/{again['id']}/approve", {})
    whole = over(server, again["id"])
    assert whole["state"] == "succeeded" and whole["result"] == "Told."
    assert len(steps(whole, "note")) == 1
    wait_for(lambda: health(server)["pending"] == 0, "the delivery to end")

    done = run_binary("runs", "rerun", first, "--from", "tell", "--json", "--data", server.data)
    assert done.returncode == 0, done.stderr
    part = json.loads(done.stdout)["id"]
    wait_for(lambda: waiting(server), "the call to wait for a person again")
    run = shown(server, part)
    assert steps(run, "note")[0]["started"] == steps(shown(server, first), "note")[0]["started"], "it was taken over"
    ask(server, f"/{part}/approve", {})
    assert over(server, part)["result"] == "Told."
    assert len(server.runs()) == 3


def test_runs_are_listed_and_shown_over_http(office):
    server = office()
    question = parked(server)

    status, listed = ask(server, "?state=waiting&agent=clerk")
    assert status == 200 and [run["id"] for run in listed["runs"]] == [question["run_id"]]
    status, run = ask(server, f"/{question['run_id']}")
    assert status == 200 and run["totals"]["calls"] == 1 and run["wakes"]
    assert ask(server, "/nobody")[0] == 404
    assert ask(server, "/nobody/approve", {})[0] == 404


def test_a_run_without_a_delivery_cannot_be_done_again_but_says_what_to_do(tmp_path):
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"source": "demo", "detail-type": "Greeting", "detail": {}}), encoding="utf-8")
    data = tmp_path / "data"
    run_id = run_json("invoke", event, "--data", data)["runs"][0]["run_id"]

    done = run_binary("runs", "rerun", run_id, "--data", data)

    assert done.returncode == 1 and "Invoke the event again" in done.stderr
