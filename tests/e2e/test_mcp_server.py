"""`eventbridge-agent mcp` as the official clients of MCP use it, of both eras, and on the bare wire."""
import json
import subprocess
from datetime import datetime, timezone

import pytest

from conftest import BINARY, ROOT, run_binary, wait_for

NPM = ROOT / "tests/e2e/mcp"
needs_npm = pytest.mark.skipif(not (NPM / "node_modules/@modelcontextprotocol/client").exists(),
                               reason="the MCP packages are not installed (scripts/setup.sh javascript)")
READS = ["list_rules", "test_pattern", "list_runs", "show_run", "list_dead_letters", "list_agents"]
WRITES = ["put_events", "put_rule", "redrive"]
META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}


def converse(*args, calls):
    """Gives the server each call by the stateless protocol and returns the results, in order."""
    lines = [{"jsonrpc": "2.0", "id": n, "method": "tools/call", "params": {"name": name, "arguments": arguments, "_meta": META}}
             for n, (name, arguments) in enumerate(calls)]
    done = run_binary("mcp", *args, stdin="".join(json.dumps(line) + "\n" for line in lines))
    assert done.returncode == 0, done.stderr
    replies = {reply["id"]: reply for reply in map(json.loads, done.stdout.splitlines())}
    return [replies[n]["result"] for n in range(len(calls))]


def call(*args, name, **arguments):
    return converse(*args, calls=[(name, arguments)])[0]


def value(result):
    assert not result["isError"], result
    return result["structuredContent"]


def text(result):
    return result["content"][0]["text"]


def sdk(client, *args, calls=()):
    done = subprocess.run(["node", str(NPM / client), BINARY, "mcp", *map(str, args)], capture_output=True, text=True, timeout=60,
                          input=json.dumps([{"name": name, "arguments": arguments} for name, arguments in calls]), check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@needs_npm
@pytest.mark.parametrize("client", ["client_v1.mjs", "client_v2.mjs"])
def test_the_official_clients_of_both_eras_use_it(server, client):
    told = sdk(client, "--data", server.data, "--endpoint", server.url, "--region", server.region, calls=[
        ("put_rule", {"name": "orders", "pattern": {"source": ["shop"]}}),
        ("list_rules", {}),
        ("put_events", {"entries": [{"source": "shop", "detail_type": "Order", "detail": {"n": 1}}]}),
        ("test_pattern", {"pattern": {"source": ["shop"]}, "event": {"source": "bank", "detail-type": "x", "detail": {}}}),
        ("show_run", {"run_id": "nope"}),
        ("no_such_tool", {})])

    assert told["server"]["name"] == "eventbridge-agent"
    assert [tool["name"] for tool in told["tools"]] == READS + WRITES
    put_rule, rules, put, tested, shown, unknown = told["results"]
    assert put_rule["structuredContent"]["rule_arn"].endswith("rule/orders")
    assert rules["structuredContent"]["rules"][0]["pattern"] == {"source": ["shop"]}
    assert put["structuredContent"]["failed"] == 0 and put["structuredContent"]["entries"][0]["EventId"]
    assert tested["structuredContent"]["matches"] is False
    assert tested["structuredContent"]["alternatives"][0]["fields"][0]["path"] == "source"
    assert shown["isError"] and "There is no run nope" in text(shown)
    assert unknown["refused"] == -32602


def test_runs_and_dead_letters_are_seen_and_driven_again_beside_a_running_server(tmp_path, start_server):
    config = tmp_path / "agents.yaml"
    config.write_text("agents:\n  - {name: echo, playbook: [], respond: 'it is <$.event.detail.n>'}\n"
                      "rules:\n  - {name: all, pattern: {source: [shop]}, agents: [echo]}\n", encoding="utf-8")
    server = start_server("--config", config)
    client = server.client()
    client.put_rule(Name="lost", EventPattern='{"source":["lost"]}')
    client.put_targets(Rule="lost", Targets=[{"Id": "1", "Arn": f"arn:aws:lambda:{server.region}:000000000000:function:nobody",
                                              "RetryPolicy": {"MaximumRetryAttempts": 0}}])
    place = ["--data", server.data, "--endpoint", server.url, "--region", server.region, "--config", config]

    put = value(call(*place, name="put_events", entries=[
        {"source": "shop", "detail_type": "Order", "detail": {"n": 7}, "time": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")},
        {"source": "lost", "detail_type": "Order", "detail": {}}]))
    server.wait_for_runs(1)

    runs = value(call(*place, name="list_runs", agent="echo", state="succeeded"))["runs"]
    assert [run["event_id"] for run in runs] == [put["entries"][0]["EventId"]]
    shown = value(call(*place, name="show_run", run_id=runs[0]["id"]))
    assert shown["event"]["detail"] == {"n": 7} and "it is 7" in json.dumps(shown)
    letters = wait_for(lambda: value(call(*place, name="list_dead_letters"))["dead_letters"], "a dead letter")
    assert letters[0]["event"]["source"] == "lost"
    assert value(call(*place, name="redrive", ids=[letters[0]["id"]])) == {"redriven": [letters[0]["id"]]}
    assert text(call(*place, name="redrive", ids=[99_999])).startswith("There is no dead letter")
    agents = value(call(*place, name="list_agents"))["agents"]
    assert [agent for agent in agents if agent["name"] == "echo"] == [{"name": "echo", "rules": [{"name": "all", "pattern": {"source": ["shop"]}}]}]


def test_agents_run_only_where_that_was_allowed(tmp_path):
    config = tmp_path / "agents.yaml"
    config.write_text("agents:\n  - {name: echo, playbook: [], respond: 'it is <$.event.detail.n>'}\n", encoding="utf-8")
    event = {"source": "shop", "detail-type": "x", "detail": {"n": 7}}

    ran = call("--config", config, "--allow-run", name="run_agent", agent="echo", event=event)
    assert value(ran)["answer"] == "it is 7"
    nobody = call("--config", config, "--allow-run", name="run_agent", agent="ecko", event=event)
    assert nobody["isError"] and 'no agent "ecko"' in text(nobody) and "echo" in text(nobody)
    no_event = call("--config", config, "--allow-run", name="run_agent", agent="echo", event={"source": 7})
    assert no_event["isError"]


@pytest.mark.parametrize("options, offered", [
    ([], READS + WRITES), (["--read-only"], READS), (["--allow-run"], READS + WRITES + ["run_agent"])])
def test_tools_are_offered_as_the_command_line_says(options, offered):
    request = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": META}}
    done = run_binary("mcp", *options, stdin=json.dumps(request) + "\n")
    tools = json.loads(done.stdout)["result"]["tools"]

    assert [tool["name"] for tool in tools] == offered
    for tool in tools:
        assert tool["annotations"]["readOnlyHint"] is (tool["name"] in READS)
        assert tool["inputSchema"]["additionalProperties"] is False


def test_what_is_wrong_is_said_in_the_words_of_the_domain(tmp_path, server):
    place = ["--data", server.data, "--endpoint", server.url]
    results = converse(*place, calls=[
        ("put_events", {"entries": [{"source": "", "detail_type": "x", "detail": {}}]}),
        ("put_rule", {"name": "bad", "pattern": {"source": "shop"}}),
        ("test_pattern", {"pattern": {"source": "shop"}, "event": {"source": "shop"}}),
        ("list_runs", {"limit": 0}),
        ("list_runs", {"limit": "many", "color": "red"})])

    assert all(result["isError"] for result in results), results
    events, rule, pattern, limit, arguments = map(text, results)
    assert events.startswith("1 of 1 events were refused: ") and "InvalidArgument" in events
    assert rule.startswith("InvalidEventPatternException: Event pattern is not valid.")
    assert pattern.startswith("Event pattern is not valid.")
    assert limit == "/limit: expected 1 to 200"
    assert "/limit" in arguments and "/color" in arguments

    absent = converse("--data", tmp_path / "nothing", "--endpoint", "http://127.0.0.1:1", calls=[
        ("list_runs", {}), ("put_events", {"entries": [{"source": "a", "detail_type": "x", "detail": {}}]})])
    assert "nothing" in text(absent[0])
    assert "Is a server running at http://127.0.0.1:1?" in text(absent[1])


def test_nothing_but_messages_comes_out_whatever_goes_in():
    lines = ["not json", "[]", '{"jsonrpc":"2.0","id":1,"method":"ping"}', '{"jsonrpc":"2.0","method":"notifications/initialized"}',
             '{"jsonrpc":"2.0","id":2,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"1999-01-01"}}}']
    done = run_binary("mcp", stdin="\n".join(lines) + "\n")

    replies = [json.loads(line) for line in done.stdout.splitlines()]
    assert [reply.get("error", {}).get("code") for reply in replies] == [-32700, -32700, None, -32022]
    assert replies[3]["error"]["data"]["supported"][0] == "2026-07-28"
