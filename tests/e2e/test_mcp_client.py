"""Agents use the tools of MCP servers: the real ones from npm, and a stub that misbehaves."""
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import ROOT, run_binary, run_json, wait_for

STUB = Path(__file__).with_name("mcp_stub.py")
NPM = ROOT / "tests/e2e/mcp"
PACKAGES = NPM / "node_modules/@modelcontextprotocol"
needs_npm = pytest.mark.skipif(not (PACKAGES / "server-everything").exists(),
                               reason="the MCP packages are not installed (scripts/setup.sh javascript)")
EVENT = {"id": "e-1", "source": "shop", "detail-type": "x", "detail": {"n": 7}}


def package(name, *args):
    return ["node", str(PACKAGES / name / "dist/index.js"), *map(str, args)]


def stub(mode, state=None):
    return [sys.executable, str(STUB), mode, *([str(state)] if state else [])]


def write_config(folder, servers, playbook, respond, tools=None, name="agents.yaml"):
    config = folder / name
    names = tools or sorted({entry["tool"] for entry in playbook})
    # JSON is YAML.
    config.write_text(json.dumps({
        "mcp": servers, "agents": [{"name": "worker", "tools": names, "playbook": playbook, "respond": respond}],
        "rules": [{"name": "all", "pattern": {"source": ["shop"]}, "agents": ["worker"]}]}), encoding="utf-8")
    return config


def invoke(config, *args, event=EVENT, **kwargs):
    done = run_binary("invoke", "-", "--config", config, "--json", *args, stdin=json.dumps(event), **kwargs)
    return json.loads(done.stdout) if done.stdout else pytest.fail(done.stderr)


def answer_of(config, *args, **kwargs):
    return invoke(config, *args, **kwargs)["runs"][0]["answer"]


def lines_of(state):
    return state.read_text(encoding="utf-8").splitlines() if state.exists() else []


def pin_of(config):
    return run_json("mcp", "tools", "--config", config)["servers"][0]["hash"]


# ---- servers of others

@needs_npm
def test_the_everything_server_over_standard_streams(tmp_path):
    config = write_config(
        tmp_path, [{"name": "every", "command": package("server-everything", "stdio"), "env": {"DECLARED": "yes"}}],
        [{"tool": "every_get-sum", "name": "sum", "input": {"a": 2, "b": 3}},
         {"tool": "every_get-structured-content", "name": "weather", "input": {"location": "Chicago"}},
         {"tool": "every_get-tiny-image", "name": "image", "input": {}},
         {"tool": "every_get-env", "name": "env", "input": {}}],
        "<$.steps.sum.output>|<$.steps.weather.output.conditions>|<$.steps.image.output>|<$.steps.env.output>")

    total, conditions, image, environment = answer_of(config, env={"UNDECLARED": "no"}).split("|")

    assert total == "The sum of 2 and 3 is 5."
    assert conditions
    assert "omitted_characters" in image
    assert "DECLARED" in environment and "UNDECLARED" not in environment


@needs_npm
def test_the_everything_server_over_http(tmp_path):
    with subprocess.Popen([*package("server-everything", "streamableHttp")], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, env={**os.environ, "PORT": "0"}, start_new_session=True) as server:
        try:
            # It names no port but the one it was told: look for the one that it took.
            port = wait_for(lambda: listening_port(server.pid), "the server to listen")
            config = write_config(
                tmp_path, [{"name": "web", "url": f"http://127.0.0.1:{port}/mcp"}],
                [{"tool": "web_get-sum", "name": "sum", "input": {"a": 2, "b": 3}},
                 {"tool": "web_trigger-long-running-operation", "name": "long", "input": {"duration": 1, "steps": 2}}],
                "<$.steps.sum.output>|<$.steps.long.output>")

            assert answer_of(config).startswith("The sum of 2 and 3 is 5.|Long running operation completed.")
        finally:
            os.killpg(server.pid, signal.SIGKILL)


def listening_port(pid):
    inodes = set()
    for file in Path(f"/proc/{pid}/fd").iterdir():
        try:
            inodes.add(os.readlink(file).removeprefix("socket:[").removesuffix("]"))
        except FileNotFoundError:
            pass
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and words[9] in inodes:
                return int(words[1].rsplit(":", 1)[1], 16)
    return None


@needs_npm
def test_the_filesystem_server_keeps_to_its_folder(tmp_path):
    files = tmp_path / "files"
    files.mkdir()
    (files / "a.txt").write_text("hello", encoding="utf-8")
    config = write_config(
        tmp_path, [{"name": "fs", "command": package("server-filesystem", files), "trusted": True, "tools": ["read_text_file"]}],
        [{"tool": "fs_read_text_file", "name": "inside", "input": {"path": str(files / "a.txt")}},
         {"tool": "fs_read_text_file", "name": "outside", "input": {"path": "/etc/hostname"}, "on_error": "continue"}],
        "<$.steps.inside.output.content>|<$.steps.outside.error>")

    inside, outside = answer_of(config).split("|")

    assert inside == "hello"
    assert "denied" in outside
    tools = run_json("mcp", "tools", "--config", config)["servers"][0]["tools"]
    assert [(tool["name"], tool["effect"]) for tool in tools] == [("fs_read_text_file", "read")]


@needs_npm
def test_the_memory_server_remembers_between_runs(tmp_path):
    memory = {"name": "memory", "command": package("server-memory"), "env": {"MEMORY_FILE_PATH": str(tmp_path / "memory.jsonl")}}
    put = write_config(tmp_path, [memory], [{"tool": "memory_create_entities", "input": {
        "entities": [{"name": "shop", "entityType": "place", "observations": ["sells cheese"]}]}}], "done", name="put.yaml")
    get = write_config(tmp_path, [{**memory, "prefix": "m_"}], [{"tool": "m_read_graph", "name": "graph", "input": {}}],
                       "<$.steps.graph.output.entities[0].observations[0]>", name="get.yaml")

    answer_of(put)

    assert answer_of(get) == "sells cheese"


@needs_npm
@pytest.mark.parametrize("mode", ["stdio", "auto", "sse", "json"])
def test_a_modern_server_of_the_official_sdk(tmp_path, mode):
    playbook = [{"tool": "modern_add", "name": "sum", "input": {"a": 2, "b": 3}},
                {"tool": "modern_fail", "name": "bad", "input": {}, "on_error": "continue"},
                {"tool": "modern_folders", "name": "dirs", "input": {}},
                {"tool": "modern_ask", "name": "ask", "input": {}, "on_error": "continue"}]
    respond = "<$.steps.sum.output.sum>|<$.steps.bad.error>|<$.steps.dirs.output>|<$.steps.ask.error>"
    server = {"name": "modern", "trusted": True, "roots": ["/srv/shop"]}
    command = ["node", str(NPM / "modern_server.mjs"), "stdio" if mode == "stdio" else "http", mode]

    def check(where):
        total, bad, folders, ask = answer_of(write_config(tmp_path, [{**server, **where}], playbook, respond)).split("|")
        assert (total, bad, folders) == ("5", "the shelf is empty", "file:///srv/shop")
        assert "elicitation" in ask

    if mode == "stdio":
        return check({"command": command})
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            check({"url": f"http://127.0.0.1:{int(process.stdout.readline())}/mcp"})
        finally:
            process.kill()


# ---- a server that misbehaves

def test_pages_structured_content_and_effects_of_a_modern_server(tmp_path):
    config = write_config(tmp_path, [{"name": "stub", "command": stub("good"), "trusted": True}],
                          [{"tool": "stub_act", "name": "act", "input": {"n": "<$.event.detail.n>"}}], "<$.steps.act.output.n>",
                          tools=["stub_act", "stub_look"])

    assert answer_of(config) == "7"
    listed = run_json("mcp", "tools", "--config", config)["servers"][0]
    assert listed["version"] == "2026-07-28"
    assert {tool["name"]: tool["effect"] for tool in listed["tools"]} == {"stub_act": "once", "stub_look": "read"}


@pytest.mark.parametrize("mode", ["http", "http-endless"])
def test_a_modern_server_over_http_with_a_secret(tmp_path, mode):
    with subprocess.Popen(stub(mode), stdout=subprocess.PIPE, text=True) as server:
        try:
            config = write_config(
                tmp_path, [{"name": "stub", "url": f"http://127.0.0.1:{int(server.stdout.readline())}/mcp",
                            "headers": {"Authorization": "Bearer secret:env:STUB_TOKEN"}}],
                [{"tool": "stub_act", "name": "act", "input": {"n": 5}}], "<$.steps.act.output.n>")

            started = time.monotonic()
            assert answer_of(config, env={"STUB_TOKEN": "let-me-in"}) == "5"
            assert time.monotonic() - started < 10, "the reply ends the exchange, not the stream"
            refused = run_binary("invoke", "-", "--config", config, stdin=json.dumps(EVENT), env={"STUB_TOKEN": "wrong-token"})
            assert "Header mismatch" in refused.stderr and "wrong-token" not in refused.stderr
            missing = run_binary("invoke", "-", "--config", config, stdin=json.dumps(EVENT))
            assert "STUB_TOKEN" in missing.stderr
        finally:
            server.kill()


def test_a_call_during_which_the_server_died_is_not_made_again(tmp_path):
    state = tmp_path / "state"
    config = write_config(tmp_path, [{"name": "stub", "command": stub("die", state)}],
                          [{"tool": "stub_act", "name": "act", "input": {}}], "done")

    first, second = (invoke(config, "--data", tmp_path / "data")["runs"][0] for _ in range(2))

    assert (first["state"], second["state"]) == ("failed", "failed")
    assert "is unknown" in first["error"] and "about to fall over" in first["error"]
    assert "is unknown" in second["error"]
    assert lines_of(state).count("act") == 1, "nobody knows whether it acted"


def test_a_server_that_died_is_started_again_for_the_next_call(tmp_path):
    state = tmp_path / "state"
    config = write_config(tmp_path, [{"name": "stub", "command": stub("die", state), "trusted": True}],
                          [{"tool": "stub_look", "name": "first", "input": {}},
                           {"tool": "stub_act", "name": "act", "input": {}, "on_error": "continue"},
                           {"tool": "stub_look", "name": "second", "input": {}}],
                          "<$.steps.first.output>")
    invoke(config)

    # The call that died ended the run, for its outcome is unknown. A second event finds a server that is started anew.
    assert lines_of(state) == ["start", "look", "act"]
    playbook = [{"tool": "stub_look", "name": f"look{n}", "input": {}} for n in range(2)]
    again = write_config(tmp_path, [{"name": "stub", "command": stub("die", state), "trusted": True}], playbook, "<$.steps.look1.output>")
    assert answer_of(again) == "looked"


def test_a_server_that_hangs_is_given_up_in_time_and_killed(tmp_path, start_server):
    state = tmp_path / "state"
    config = write_config(tmp_path, [{"name": "stub", "command": stub("hang", state), "timeout": "2s"}],
                          [{"tool": "stub_act", "name": "act", "input": {"n": 1}}], "did <$.steps.act.output.n>")
    server = start_server("--config", config)
    client = server.client()
    client.put_events(Entries=[{"Source": "shop", "DetailType": "x", "Detail": "{}"}])
    server.wait_for_runs(1, state="failed")

    client.put_events(Entries=[{"Source": "shop", "DetailType": "x", "Detail": "{}"}])

    wait_for(lambda: [run for run in server.runs() if run["state"] == "succeeded"], "a run with the server started anew")
    assert lines_of(state) == ["start", "act", "start", "act"]
    assert "started again" in "".join(server.log)


def test_noise_between_messages_does_no_harm(tmp_path):
    config = write_config(tmp_path, [{"name": "stub", "command": stub("chatty")}],
                          [{"tool": "stub_act", "name": "act", "input": {"n": 3}}], "<$.steps.act.output.n>")

    assert answer_of(config) == "3"


def test_a_line_that_does_not_end_ends_the_server(tmp_path):
    config = write_config(tmp_path, [{"name": "stub", "command": stub("huge")}],
                          [{"tool": "stub_act", "name": "act", "input": {}}], "done")

    assert "more than 8388608 bytes" in invoke(config)["runs"][0]["error"]


def test_tools_other_than_those_pinned_are_refused_with_both_hashes(tmp_path):
    good = write_config(tmp_path, [{"name": "stub", "command": stub("good")}], [{"tool": "stub_act", "input": {}}], "done")
    pin = pin_of(good)
    playbook, respond = [{"tool": "stub_act", "input": {}}], "done"
    pinned = write_config(tmp_path, [{"name": "stub", "command": stub("good"), "pin": pin}], playbook, respond)
    assert answer_of(pinned) == "done"

    other = "sha256:" + "0" * 64
    wrong = write_config(tmp_path, [{"name": "stub", "command": stub("good"), "pin": other}], playbook, respond)
    refused = run_binary("invoke", "-", "--config", wrong, stdin=json.dumps(EVENT))

    assert refused.returncode != 0
    assert pin in refused.stderr and other in refused.stderr and "mcp tools" in refused.stderr
    assert "agents.yaml:1:" in refused.stderr


def test_nothing_of_the_servers_is_left_when_the_program_ends(tmp_path):
    marker = f"mcp-marker-{os.getpid()}"
    config = write_config(tmp_path, [{"name": "stub", "command": ["sh", "-c", f"{sys.executable} {STUB} good; : {marker}"]}],
                          [{"tool": "stub_act", "input": {}}], "done")
    assert answer_of(config) == "done"

    commands = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            commands.append(process.read_bytes())
        except OSError:
            pass
    assert not [command for command in commands if marker.encode() in command]


@pytest.mark.parametrize("server, said", [
    ({"name": "gone", "command": ["no-such-program-here"]}, 'MCP server "gone"'),
    ({"name": "gone", "url": "http://127.0.0.1:1/mcp"}, 'MCP server "gone"'),
    ({"name": "mute", "command": ["sleep", "100"], "start_timeout": "200ms"}, "did not answer within"),
    ({"name": "talker", "command": ["echo", "hello"]}, "has ended"),
    ({"name": "web", "url": "http://example.com/mcp"}, "is not encrypted"),
    ({"name": "stub", "command": [sys.executable, str(STUB), "good"], "tools": ["atc"]}, 'no tool "atc"'),
])
def test_a_server_that_cannot_be_used_is_named_with_its_place(tmp_path, server, said):
    config = write_config(tmp_path, [server], [{"tool": "x", "input": {}}], "done")
    refused = run_binary("rules", "--config", config)

    assert refused.returncode == 3 or refused.returncode == 1
    assert said in refused.stderr and "agents.yaml:1:" in refused.stderr
