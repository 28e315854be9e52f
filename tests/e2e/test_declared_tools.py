"""Tools that agents.yaml declares: HTTP with its egress and secrets, SQL, commands; what is refused at load."""
import json
import sqlite3
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from conftest import run_binary

SECRET = "s3cr3t-token-of-the-test"


@pytest.fixture
def tickets():
    """A ticket service that remembers requests and, at /away, sends callers to the metadata service."""
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.server.requests.append((self.path, dict(self.headers), body))
            if self.path.startswith("/away"):
                self.send_response(307)
                self.send_header("Location", "http://169.254.169.254/latest/meta-data/")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            answer = json.dumps({"id": 7, "echo": self.headers["Authorization"]}).encode()
            self.send_response(201)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.requests = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


def config(port, path="/tickets/<$.title>", allow="[127.0.0.1]"):
    return f"""
tools:
  - name: create_ticket
    description: Opens a ticket
    effect: idempotent
    arguments: {{title: {{type: string, max_length: 40}}}}
    http:
      method: POST
      url: "http://127.0.0.1:{port}{path}"
      headers: {{Authorization: "Bearer <secret:env:TICKETS_TOKEN>"}}
      body: {{summary: <$.title>}}
      allow_private: {allow}
agents:
  - name: opener
    tools: [create_ticket]
    playbook:
      - {{tool: create_ticket, input: {{title: <$.event.detail.title>}}, on_error: continue}}
    respond:
      - {{when: {{steps: {{create_ticket: {{error: [{{exists: true}}]}}}}}}, text: "error: <$.steps.create_ticket.error>"}}
      - {{text: "<$.steps.create_ticket.output.body>"}}
rules:
  - {{pattern: {{source: [test]}}, agents: [opener]}}
"""


def invoke(tmp_path, yaml, title="a/b & c", env=None):
    (tmp_path / "agents.yaml").write_text(yaml, encoding="utf-8")
    event = json.dumps({"source": "test", "detail-type": "t", "detail": {"title": title}})
    return run_binary("invoke", "-", "--config", tmp_path / "agents.yaml", "--data", tmp_path / "data", stdin=event,
                      env={"TICKETS_TOKEN": SECRET, **(env or {})})


def test_an_http_tool_sends_what_is_declared_and_its_secret_is_nowhere_else(tickets, tmp_path):
    done = invoke(tmp_path, config(tickets.server_port))

    assert done.returncode == 0, done.stderr
    [(path, headers, body)] = tickets.requests
    assert path == "/tickets/a%2Fb%20%26%20c"
    assert headers["Authorization"] == f"Bearer {SECRET}"
    assert headers["Idempotency-Key"]
    assert json.loads(body) == {"summary": "a/b & c"}
    assert "Bearer [secret TICKETS_TOKEN]" in done.stdout
    assert SECRET not in done.stdout + done.stderr
    for file in (tmp_path / "data").rglob("*"):
        assert not file.is_file() or SECRET.encode() not in file.read_bytes(), file


def test_a_redirect_to_the_metadata_service_is_not_followed(tickets, tmp_path):
    done = invoke(tmp_path, config(tickets.server_port, path="/away"))

    assert "Requests to 169.254.169.254 are not allowed" in done.stdout
    assert len(tickets.requests) == 1


def test_loopback_is_reached_only_where_the_configuration_says_so(tickets, tmp_path):
    done = invoke(tmp_path, config(tickets.server_port, allow="[]"))

    assert "its address 127.0.0.1 is not one of the public internet" in done.stdout
    assert tickets.requests == []


def test_a_command_gets_the_events_text_as_one_argument(tmp_path):
    done = invoke(tmp_path, f"""
tools:
  - {{name: show, description: d, effect: read, arguments: {{text: string}}, command: {{argv: [printf, "[%s]", <$.text>]}}}}
agents:
  - name: a
    tools: [show]
    playbook: [{{tool: show, input: {{text: <$.event.detail.title>}}}}]
    respond: "<$.steps.show.output.stdout>"
rules: [{{pattern: {{source: [test]}}, agents: [a]}}]
""", title=f"$(touch {tmp_path}/x); touch {tmp_path}/y `touch {tmp_path}/z`")

    assert done.returncode == 0, done.stderr
    assert f"[$(touch {tmp_path}/x); touch {tmp_path}/y `touch {tmp_path}/z`]" in done.stdout
    assert not {"x", "y", "z"} & {file.name for file in tmp_path.iterdir()}


def test_an_sql_tool_asks_the_data_folders_database(tmp_path):
    (tmp_path / "data").mkdir()
    with sqlite3.connect(tmp_path / "data/services.sqlite") as database:
        database.execute("CREATE TABLE customers(name TEXT, region TEXT)")
        database.executemany("INSERT INTO customers VALUES(?, ?)", [("Ann", "eu"), ("Bob", "us")])
    database.close()
    done = invoke(tmp_path, """
tools:
  - {name: find, description: d, effect: read, arguments: {region: string},
     sql: {database: services, statement: "SELECT name FROM customers WHERE region = :region"}}
agents:
  - name: a
    tools: [find]
    playbook: [{tool: find, input: {region: <$.event.detail.title>}}]
    respond: "<$.steps.find.output.rows>"
rules: [{pattern: {source: [test]}, agents: [a]}]
""", title="eu")

    assert done.returncode == 0, done.stderr
    assert "Ann" in done.stdout and "Bob" not in done.stdout


@pytest.mark.parametrize("yaml, error", [
    ("tools:\n  - {name: t, description: d, http: {url: 'https://a.com/<$.x>'}}\n", "agents.yaml:2:43: <$.x> names no argument of the tool."),
    ("tools:\n  - {name: t, description: d, command: {argv: [no-such-program]}}\n", "agents.yaml:2:48: There is no program"),
    ("agents:\n  - {name: a, tools: [{name: s3_head, bind: {bukket: {value: x}}}]}\n", "agents.yaml:2:46: Argument \"bukket\" of tool \"s3_head\""),
])
def test_what_cannot_be_meant_is_refused_at_load_with_its_place(tmp_path, yaml, error):
    done = invoke(tmp_path, yaml)

    assert done.returncode == 3
    assert error in done.stderr
