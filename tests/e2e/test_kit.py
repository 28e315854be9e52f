"""For people who build agents: new, test, `runs export`, cassettes and shadow, with the real binary and a stub of a model's service."""
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import ROOT, run_binary, run_json
from model_server import ModelServer

BUILD = Path(os.environ.get("EBAGENT_BUILD", ROOT / "build/release"))
KEY = {"ANTHROPIC_API_KEY": "test"}
CONFIG = """
models:
  stub: {{provider: anthropic, model: stub-1, url: "{url}", attempts: 1, cassette: {{file: cassettes/stub.json, mode: live}}}}
agents:
  - name: notifier
    model: stub
    instructions: {instructions}
    trusts_events: true
    tools:
      - name: log_event
        bind: {{event_id: {{from: $.event.id}}}}
      - name: send_notification
        bind: {{topic_arn: {{value: "arn:aws:sns:us-east-1:000000000000:orders"}}}}
rules:
  - {{name: orders, pattern: {{source: [shop.orders]}}, agents: [notifier]}}
"""
TURNS = [{"calls": [{"tool": "log_event", "input": {"details": {"order": "A-17"}}}]},
         {"calls": [{"tool": "send_notification", "input": {"subject": "Order", "message": "A-17 came."}}]},
         {"text": "Told the team of A-17."}]


def an_event(folder, event_id="order-event-1", time="2026-01-26T16:00:00Z"):
    path = folder / f"{event_id}.json"
    path.write_text(json.dumps({"id": event_id, "source": "shop.orders", "detail-type": "Order Placed", "time": time,
                                "detail": {"order": "A-17"}}), encoding="utf-8")
    return path


def a_config(folder, url, instructions="Tell the team.", name="agents.yaml"):
    path = folder / name
    path.write_text(CONFIG.format(url=url, instructions=instructions), encoding="utf-8")
    return path


@pytest.fixture
def models():
    server = ModelServer(TURNS).start()
    yield server
    server.stop()


@pytest.fixture
def recorded(tmp_path, models):
    """A run of the agent on record, as a server would have it."""
    config = a_config(tmp_path, models.url)
    done = run_json("invoke", an_event(tmp_path), "--config", config, "--data", tmp_path / "data", env=KEY)
    assert done["text"] == "Told the team of A-17."
    return tmp_path, config, done["runs"][0]["run_id"]


def test_a_run_on_record_becomes_a_test_that_needs_no_model(recorded, models):
    folder, config, run_id = recorded
    files = run_json("runs", "export", run_id, "--data", folder / "data", "--config", config, "--cassette", folder / "kept/one.json", env=KEY)
    asked = len(models.requests)

    passed = run_binary("test", files["test"])

    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert "1 of 1 tests passed" in passed.stdout
    assert len(models.requests) == asked == 3
    cassette = json.loads((folder / "kept/one.json").read_text(encoding="utf-8"))
    assert cassette["agent"] == "notifier"
    assert [sorted(turn) for turn in cassette["turns"]] == [["request", "turn"]] * 3
    assert cassette["turns"][2]["request"]["after"] == 2


def test_a_changed_prompt_fails_the_test_and_shows_what_changed(recorded):
    folder, config, run_id = recorded
    files = run_json("runs", "export", run_id, "--data", folder / "data", "--config", config, "--cassette", folder / "one.json", env=KEY)
    a_config(folder, "http://127.0.0.1:1", "Tell nobody.")

    failed = run_binary("test", files["test"])

    assert failed.returncode == 1
    assert "/instructions" in failed.stdout and "Tell nobody." in failed.stdout
    assert json.loads(run_binary("test", files["test"], "--json").stdout)["passed"] is False


def test_runs_of_playbooks_become_tests_without_a_cassette(tmp_path):
    done = run_json("invoke", ROOT / "examples/operations/events/cloudwatch-alarm.json", "--data", tmp_path / "data")
    files = run_json("runs", "export", done["runs"][0]["run_id"], "--data", tmp_path / "data", "--test", tmp_path / "alarm.json")

    passed = run_binary("test", tmp_path / "alarm.json")

    assert files["cassette"] is None
    assert passed.returncode == 0, passed.stdout + passed.stderr
    case = json.loads((tmp_path / "alarm.json").read_text(encoding="utf-8"))
    case["expect"]["answer"] = "All is well."
    case["expect"]["steps"].pop()
    (tmp_path / "alarm.json").write_text(json.dumps(case), encoding="utf-8")
    failed = run_binary("test", tmp_path / "alarm.json")
    assert failed.returncode == 1
    assert "The calls are others" in failed.stdout and "All is well." in failed.stdout


def test_a_handler_in_cpp_is_not_exported_and_the_reason_is_told(tmp_path):
    done = run_json("invoke", ROOT / "examples/operations/events/order-placed.json", "--data", tmp_path / "data")

    refused = run_binary("runs", "export", done["runs"][0]["run_id"], "--data", tmp_path / "data", "--test", tmp_path / "one.json")

    assert refused.returncode != 0 and "handler in C++" in refused.stderr


def test_cassettes_are_recorded_by_the_configuration_and_fit_another_event(tmp_path, models):
    config = a_config(tmp_path, models.url)
    run_json("invoke", an_event(tmp_path), "--config", config, env={**KEY, "EBAGENT_CASSETTE_MODE": "record"})
    assert (tmp_path / "cassettes/stub.json").exists()
    asked = len(models.requests)

    replayed = run_json("invoke", an_event(tmp_path, "another-event", "2027-02-03T04:05:06Z"), "--config", config,
                        env={"EBAGENT_CASSETTE_MODE": "replay"})

    assert replayed["text"] == "Told the team of A-17.", replayed
    assert len(models.requests) == asked
    wrong = run_binary("invoke", an_event(tmp_path), "--config", config, env={"EBAGENT_CASSETTE_MODE": "again"})
    assert wrong.returncode != 0 and "live, record and replay" in wrong.stderr


def test_shadow_shows_what_a_changed_agent_would_do_and_calls_nothing(recorded, models):
    folder, _, run_id = recorded
    changed = a_config(folder, models.url, "Tell the team at once.", "new.yaml")
    before = run_json("runs", "list", "--data", folder / "data")
    models.play([TURNS[0], {"calls": [{"tool": "send_notification", "input": {"subject": "Order", "message": "A-17!"}},
                                      {"tool": "send_notification", "input": {"message": "Again."}}]},
                 {"text": "Told them twice."}])

    seen = run_json("shadow", "--data", folder / "data", "--config", changed, "--agent", "notifier", env=KEY)["runs"]

    assert [run["run_id"] for run in seen] == [run_id]
    assert seen[0]["differs"] is True
    assert [(call["change"], call["tool"]) for call in seen[0]["calls"]] == [
        ("same", "log_event"), ("other", "send_notification"), ("new", "send_notification")]
    assert seen[0]["answer"] == {"before": "Told the team of A-17.", "after": "Told them twice."}
    told = json.dumps(models.requests[-1]["body"])
    assert "not executed" in told
    assert run_json("runs", "list", "--data", folder / "data") == before


def test_shadow_says_so_when_nothing_would_differ(tmp_path):
    run_json("invoke", ROOT / "examples/operations/events/cloudwatch-alarm.json", "--data", tmp_path / "data")

    done = run_binary("shadow", "--data", tmp_path / "data", "--config", ROOT / "examples/operations/agents.yaml")

    assert done.returncode == 0, done.stderr
    assert "0 of 1 differ" in done.stdout


def test_shadow_takes_events_of_an_archive_beside_a_running_server(server, tmp_path):
    client = server.client()
    client.create_archive(ArchiveName="orders", EventSourceArn="arn:aws:events:us-west-2:000000000000:event-bus/default",
                          EventPattern='{"source":["shop"]}')
    client.put_events(Entries=[{"Source": "shop", "DetailType": "Order", "Detail": json.dumps({"n": n})} for n in range(3)])
    config = ROOT / "examples/operations/agents.yaml"

    seen = run_json("shadow", "--data", server.data, "--config", config, "--archive", "orders", "--agent", "generic", "--limit", "2")

    assert [[call["tool"] for call in run["calls"]] for run in seen["runs"]] == [["log_event"], ["log_event"]]
    assert all(run["run_id"] is None and run["calls"][0]["change"] == "new" for run in seen["runs"])
    assert run_binary("shadow", "--data", server.data, "--config", config, "--archive", "none", "--agent", "generic").returncode == 1
    later = run_json("shadow", "--data", server.data, "--config", config, "--archive", "orders", "--agent", "generic", "--since", "2999-01-01T00:00:00Z")
    assert later["runs"] == []


def test_cases_of_several_configurations_run_together(tmp_path):
    assert run_binary("new", tmp_path / "one").returncode == run_binary("new", tmp_path / "two").returncode == 0
    broken = tmp_path / "two/agents.yaml"
    broken.write_text(broken.read_text(encoding="utf-8").replace("Noted order", "Wrote order"), encoding="utf-8")

    done = run_binary("test", *sorted((tmp_path / "one/tests").iterdir()), *sorted((tmp_path / "two/tests").iterdir()))

    assert done.returncode == 1
    assert "3 of 4 tests passed" in done.stdout
    assert "Wrote order" in done.stdout


def test_new_makes_a_project_in_yaml_whose_tests_pass(tmp_path):
    made = run_binary("new", tmp_path / "order-watch")
    assert made.returncode == 0, made.stderr
    project = tmp_path / "order-watch"

    passed = run_binary("test", *sorted((project / "tests").iterdir()), cwd=project)
    invoked = run_json("invoke", "events/order-placed.json", "--config", "agents.yaml", cwd=project)

    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert "2 of 2 tests passed" in passed.stdout
    assert invoked["text"] == "Noted order A-17 and told the team."


def test_new_refuses_a_folder_that_is_not_empty_and_names_that_are_none(tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full/notes").write_text("mine", encoding="utf-8")

    assert "not empty" in run_binary("new", tmp_path / "full").stderr
    assert "no name" in run_binary("new", tmp_path / "x", "--name", "a b").stderr
    assert run_binary("new", tmp_path / "x", "--language", "cobol").returncode == 2
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["notes"]


@pytest.mark.skipif(shutil.which("cmake") is None or not (BUILD / "ebagentConfig.cmake").exists(), reason="needs cmake and a whole build")
def test_new_makes_a_project_in_cpp_that_builds_and_passes(tmp_path):
    assert run_binary("new", tmp_path / "orders", "--language", "cpp").returncode == 0
    project = tmp_path / "orders"
    shown = re.findall(r"^```cpp\n(.*?)^```$", (ROOT / "docs/testing-agents.md").read_text(encoding="utf-8"), re.M | re.S)
    (project / "shown.cpp").write_text(shown[0], encoding="utf-8")
    with (project / "CMakeLists.txt").open("a", encoding="utf-8") as cmake:
        cmake.write("add_executable(shown shown.cpp)\ntarget_link_libraries(shown PRIVATE ebagent::ebagent)\n")
    for command in (["cmake", "-S", "orders", "-B", "out", f"-Debagent_DIR={BUILD}"], ["cmake", "--build", "out"],
                    ["ctest", "--test-dir", "out", "--output-on-failure"]):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=550, check=False)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "demo" in subprocess.run([tmp_path / "out/orders", "--help"], capture_output=True, text=True, timeout=30, check=False).stdout


def test_the_examples_with_a_language_model_pass_on_their_cassettes():
    passed = run_binary("test", *sorted((ROOT / "examples/llm-operations/tests").glob("*.json")))

    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert "4 of 4 tests passed" in passed.stdout


def test_the_agent_in_ten_lines_of_yaml_can_be_loaded(tmp_path):
    shown = re.findall(r"^```yaml\n(.*?)^```$", (ROOT / "docs/testing-agents.md").read_text(encoding="utf-8"), re.M | re.S)
    (tmp_path / "agents.yaml").write_text(shown[0], encoding="utf-8")

    assert run_json("rules", "--config", tmp_path / "agents.yaml")["rules"][0]["name"] == "joined"


def test_a_case_that_is_none_is_wrong_input(tmp_path):
    (tmp_path / "one.json").write_text("{}", encoding="utf-8")

    refused = run_binary("test", tmp_path / "one.json")

    assert refused.returncode == 3 and "/format" in refused.stderr
