"""The architecture patterns of the examples: fan-out, chain, filter; as a server and with `invoke`."""
import json

from conftest import ROOT, run_binary, run_json, wait_for

EXAMPLES = ROOT / "examples"


def put_file(server, path):
    event = json.loads(path.read_text(encoding="utf-8"))
    answer = server.client().put_events(Entries=[
        {"Source": event["source"], "DetailType": event["detail-type"], "Detail": json.dumps(event["detail"])}])
    return answer["Entries"][0]["EventId"]


def upload(server, bucket, key, text):
    target = server.data / "buckets" / bucket / key
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


def test_fan_out_gives_one_event_to_three_agents(start_server):
    server = start_server("--config", EXAMPLES / "fan-out/agents.yaml")
    event = json.loads((EXAMPLES / "fan-out/events/upload.json").read_text(encoding="utf-8"))
    upload(server, event["detail"]["bucket"], event["detail"]["key"], "order_id,amount\na1,5\na2,x\n")

    put_file(server, EXAMPLES / "fan-out/events/upload.json")

    runs = server.wait_for_runs(3)
    assert {run["agent"] for run in runs} == {"validate", "transform", "notify"}
    assert len({run["event_id"] for run in runs}) == 1


def test_an_agent_of_a_fan_out_that_fails_is_retried_alone(start_server):
    server = start_server("--config", EXAMPLES / "fan-out/agents.yaml")
    put_file(server, EXAMPLES / "fan-out/events/upload.json")  # the file is not there yet
    event = json.loads((EXAMPLES / "fan-out/events/upload.json").read_text(encoding="utf-8"))

    def by_agent(state):
        runs = server.runs()
        return {run["agent"]: run for run in runs} if sum(run["state"] == state for run in runs) >= 1 else None

    runs = wait_for(lambda: by_agent("failed"), "the agents that need the file to fail")
    wait_for(lambda: by_agent("succeeded"), "notify to succeed")
    upload(server, event["detail"]["bucket"], event["detail"]["key"], "order_id,amount\na1,5\n")

    done = {run["agent"]: run for run in server.wait_for_runs(3)}
    assert done["notify"]["attempts"] == 1
    assert done["validate"]["attempts"] > 1
    assert done["validate"]["id"] == runs["validate"]["id"]


def test_a_chain_goes_from_agent_to_agent(start_server):
    server = start_server("--config", EXAMPLES / "chain/agents.yaml")

    put_file(server, EXAMPLES / "chain/events/order-accepted.json")

    runs = server.wait_for_runs(3)
    assert [(run["agent"], run["hops"]) for run in sorted(runs, key=lambda run: run["hops"])] == [("check", 0), ("pack", 1), ("ship", 2)]


def test_a_loop_of_agents_ends_at_the_hop_limit_in_the_dead_letter_queue(start_server):
    server = start_server("--config", EXAMPLES / "chain/loop.yaml")

    put_file(server, EXAMPLES / "chain/events/ping.json")

    letters = wait_for(lambda: run_json("dlq", "list", "--data", server.data)["dead_letters"], "a dead letter")
    assert "hop" in letters[0]["attributes"]["ERROR_MESSAGE"].lower()
    assert 2 <= len(server.runs()) <= 10


def test_a_filter_chooses_the_agent_by_content(start_server):
    server = start_server("--config", EXAMPLES / "filter/agents.yaml")

    ids = {name: put_file(server, EXAMPLES / f"filter/events/{name}.json") for name in ("high", "low", "many-users")}

    agents = {run["event_id"]: run["agent"] for run in server.wait_for_runs(3)}
    assert agents == {ids["high"]: "high-priority", ids["low"]: "low-priority", ids["many-users"]: "high-priority"}


def test_the_rules_of_a_configuration_are_listed_as_managed(start_server):
    server = start_server("--config", EXAMPLES / "filter/agents.yaml")

    rules = server.client().list_rules()["Rules"]

    assert {(rule["Name"], rule["ManagedBy"]) for rule in rules} == {("high-priority", "eventbridge-agent"), ("low-priority", "eventbridge-agent")}


def test_a_chain_runs_within_invoke(tmp_path):
    answer = run_json("invoke", EXAMPLES / "chain/events/order-accepted.json", "--config", EXAMPLES / "chain/agents.yaml", "--data", tmp_path / "d")

    assert [run["agent"] for run in answer["runs"]] == ["check", "pack", "ship"]


def test_invoke_tells_that_a_loop_was_cut(tmp_path):
    done = run_binary("invoke", EXAMPLES / "chain/events/ping.json", "--config", EXAMPLES / "chain/loop.yaml", "--data", tmp_path / "d")

    assert done.returncode == 1
    assert "hop" in done.stderr.lower()
