"""The command line: help, exit codes, output for people and programs, bad input."""
import json
import subprocess

import pytest

from conftest import BINARY, ROOT, run_binary, run_json

COMMANDS = [["demo"], ["invoke"], ["serve"], ["match"], ["rules"], ["runs"], ["runs", "list"], ["runs", "show"], ["runs", "waiting"], ["runs", "approve"], ["runs", "deny"], ["runs", "cancel"], ["runs", "rerun"], ["dlq"],
            ["dlq", "list"], ["dlq", "show"], ["dlq", "redrive"], ["version"]]
ORDER = ROOT / "examples/operations/events/order-placed.json"


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_each_command_has_help(command):
    done = run_binary(*command, "--help")

    assert done.returncode == 0
    assert "Usage" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("arguments", [[], ["frobnicate"], ["serve", "--port", "99999"], ["serve", "--port", "x"], ["serve", "--bucket", "x"],
                                       ["serve", "--account", "12"], ["match", "--pattern", "{}"], ["runs"], ["dlq", "redrive"], ["dlq", "show", "x"],
                                       ["invoke"], ["serve", "--config", "/no/such/file.yaml"]], ids=" ".join)
def test_a_wrong_command_line_ends_with_2_and_says_why(arguments):
    done = run_binary(*arguments)

    assert done.returncode == 2
    assert done.stderr.strip()
    assert done.stdout == ""


@pytest.mark.parametrize("event", ["", "{", "[]", "\"x\"", "{\"source\":1}", "{\"source\":\"a\",\"detail-type\":\"b\"}",
                                   "{\"source\":\"a\",\"detail-type\":\"b\",\"detail\":[]}", "{\"a\":1,\"a\":2}",
                                   "{\"source\":\"a\",\"detail-type\":\"b\",\"detail\":{\"x\":1,\"x\":2}}", "[" * 100000,
                                   "{\"source\":\"a\",\"detail-type\":\"b\",\"detail\":{},\"time\":\"yesterday\"}"],
                         ids=lambda text: text[:40] or "empty")
def test_an_event_that_is_none_ends_with_3(event):
    done = run_binary("invoke", "-", stdin=event)

    assert done.returncode == 3
    assert done.stderr.startswith("error: standard input: ")


def test_invoke_prints_the_agents_answer():
    done = run_binary("invoke", ORDER)

    assert done.returncode == 0
    assert done.stdout.startswith("New order received: order_123\nCustomer: cust_456\nAmount: $99.99\n")


def test_invoke_reads_standard_input():
    done = run_binary("invoke", "-", stdin=ORDER.read_text(encoding="utf-8"))

    assert done.stdout.startswith("New order received: order_123\n")


def test_the_same_event_again_is_answered_from_the_journal(tmp_path):
    event = json.dumps({**json.loads(ORDER.read_text(encoding="utf-8")), "id": "11111111-2222-4333-8444-555555555555"})
    first = run_json("invoke", "-", "--data", tmp_path / "d", stdin=event)

    again = run_json("invoke", "-", "--data", tmp_path / "d", stdin=event)

    assert not first["runs"][0]["repeated"]
    assert again["runs"][0]["repeated"]
    assert again["text"] == first["text"]


def test_an_agent_that_fails_ends_with_1_and_says_why(tmp_path):
    event = {"source": "aws.s3", "detail-type": "Object Created", "detail": {"bucket": "my-data-bucket", "key": "missing.csv"}}

    done = run_binary("invoke", "-", stdin=json.dumps(event))

    assert done.returncode == 1
    assert "missing.csv" in done.stderr


def test_a_wrong_configuration_says_where(tmp_path):
    config = tmp_path / "agents.yaml"
    config.write_text("agents:\n  - name: a\n    tools: [send_notificatoin]\n", encoding="utf-8")

    done = run_binary("invoke", ORDER, "--config", config)

    assert done.returncode == 3
    assert "agents.yaml:3" in done.stderr
    assert "send_notification" in done.stderr


def test_match_tells_and_explains():
    pattern = {"source": ["aws.s3"], "detail": {"size": [{"numeric": [">", 10]}]}}
    event = {"source": "aws.s3", "detail": {"size": 3}}

    done = run_binary("match", "--pattern", json.dumps(pattern), "--event", json.dumps(event), "--explain")
    hit = run_binary("match", "--pattern", json.dumps(pattern), "--event", json.dumps({**event, "detail": {"size": 30}}))

    assert done.returncode == 1
    assert "detail.size is 3" in done.stdout
    assert (hit.returncode, hit.stdout) == (0, "match\n")


def test_match_reads_files_and_standard_input(tmp_path):
    (tmp_path / "pattern.json").write_text("{\"source\":[\"a\"]}", encoding="utf-8")

    done = run_json("match", "--pattern", f"@{tmp_path}/pattern.json", "--event", "-", stdin="{\"source\":\"a\"}")

    assert done == {"matched": True}


def test_an_invalid_pattern_ends_with_3_in_the_words_of_aws():
    done = run_binary("match", "--pattern", "{\"source\":[]}", "--event", "{}")

    assert done.returncode == 3
    assert done.stderr == "error: Event pattern is not valid. Reason: Empty arrays are not allowed\n"


def test_match_runs_a_file_of_cases():
    done = run_binary("match", "--cases", ROOT / "tests/pattern/vectors/aws-recorded.jsonl")

    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "168 agree, 0 disagree"


def test_demo_works_on_four_events_and_shows_their_steps():
    shown = run_json("demo")

    assert [event["runs"][0]["agent"] for event in shown["events"]] == ["s3-processor", "alarm-responder", "order-processor", "scheduled-reporter"]
    assert all(event["runs"][0]["state"] == "succeeded" and event["runs"][0]["steps"] for event in shown["events"])
    assert shown["repeated_event_done_twice"] is False
    assert shown["counts"] == {"accepted": 4, "delivered": 4, "dead": 0}


def test_version_is_one_line():
    done = run_binary("version")

    assert done.stdout.startswith("eventbridge-agent ")
    assert done.stdout.count("\n") == 1


def test_runs_of_a_folder_without_a_store_are_a_clear_error(tmp_path):
    done = run_binary("runs", "list", "--data", tmp_path)

    assert done.returncode == 1
    assert str(tmp_path) in done.stderr


def test_a_second_server_on_the_same_folder_is_refused(server):
    done = run_binary("serve", "--port", "0", "--data", server.data)

    assert done.returncode == 1
    assert str(server.data) in done.stderr


def test_a_port_that_is_taken_is_a_clear_error(server, tmp_path):
    done = run_binary("serve", "--port", server.port, "--data", tmp_path / "other")

    assert done.returncode == 1
    assert str(server.port) in done.stderr


def test_the_quickstart_program_has_the_same_commands(tmp_path):
    program = BINARY.rsplit("/", 1)[0] + "/quickstart"
    done = subprocess.run([program, "invoke", str(ROOT / "examples/quickstart/events/user-joined.json")], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "Welcome aboard." in done.stdout
