"""Rules of the real binary whose targets are URLs, files and standard output."""
import http.server
import json
import socket
import ssl
import subprocess
import threading
import time

import pytest

from conftest import run_binary, run_json, wait_for
from aws_services import free_port, put_events, put_rule


class Sink:
    """An HTTP server that remembers what it gets; it may be stopped and started again at its port."""

    def __init__(self, port=0):
        self.requests = []
        self.status = 200
        self.port = port or free_port()
        self.server = None

    def start(self):
        sink = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if sink.server is None:  # stopped: connections that were open break off
                    self.close_connection = True
                    return
                if sink.status == 200:
                    sink.requests.append((self.path, dict(self.headers), body))
                self.send_response(sink.status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def stop(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def events(self):
        return [json.loads(body) for _, _, body in list(self.requests)]


@pytest.fixture
def sink():
    server = Sink().start()
    yield server
    server.stop()


def dead_letters(server):
    return wait_for(lambda: run_json("dlq", "list", "--data", server.data)["dead_letters"], "a dead letter")


def test_a_url_gets_the_event(sink, server):
    put_rule(server.client(), "hook", [{
        "Id": "h", "Arn": sink.url + "/orders/*?a=1", "HttpParameters": {
            "PathParameterValues": ["x/y"], "HeaderParameters": {"X-Key": "k"}, "QueryStringParameters": {"q": "ü"}}}])

    ids = put_events(server.client(), 15)

    wait_for(lambda: len(sink.requests) == 15, "15 requests")
    assert sorted(event["id"] for event in sink.events()) == sorted(ids)
    path, headers, _ = sink.requests[0]
    assert path == "/orders/x%2Fy?a=1&q=%C3%BC"
    assert headers["X-Key"] == "k"
    assert len({headers["Idempotency-Key"] for _, headers, _ in sink.requests}) == 15
    assert server.client().list_targets_by_rule(Rule="hook")["Targets"][0]["Arn"] == sink.url + "/orders/*?a=1"


def test_cloud_events_come_out_as_they_went_in(sink, start_server):
    first = start_server()
    put_rule(first.client(), "ce", [{"Id": "b", "Arn": sink.url + "/b#cloudevents=binary"},
                                    {"Id": "s", "Arn": sink.url + "/s#cloudevents=structured"}])

    ids = put_events(first.client())

    wait_for(lambda: len(sink.requests) == 2, "2 requests")
    by_path = {path: (headers, json.loads(body)) for path, headers, body in sink.requests}
    headers, data = by_path["/b"]
    assert (headers["ce-id"], headers["ce-type"], data) == (ids[0], "Order", {"n": 0})
    headers, event = by_path["/s"]
    assert headers["Content-Type"] == "application/cloudevents+json"
    assert (event["id"], event["source"], event["data"]) == (ids[0], "shop", {"n": 0})


def test_nothing_is_lost_when_the_target_ends_in_the_middle(sink, start_server):
    server = start_server()
    put_rule(server.client(), "hook", [{"Id": "h", "Arn": sink.url + "/?token=secret"}])
    ids = put_events(server.client(), 200)
    wait_for(lambda: len(sink.requests) >= 50, "the first requests")
    sink.stop()
    ids += put_events(server.client(), 200)
    wait_for(lambda: any("target is down" in line for line in server.log), "the circuit to open")
    server.kill()
    server.start()
    ids += put_events(server.client(), 10)
    # The new process must have found out by itself that the target is down before it can find it up again.
    wait_for(lambda: sum("target is down" in line for line in server.log) >= 2, "the circuit of the new process to open")

    sink.start()

    wait_for(lambda: {event["id"] for event in sink.events()} >= set(ids), "all events", seconds=90)
    wait_for(lambda: any("target is up again" in line for line in server.log), "the circuit to close")
    assert not any("secret" in line for line in server.log)


def test_a_target_that_is_down_does_not_delay_another(sink, start_server):
    server = start_server("--workers", "4")
    silent = socket.create_server(("127.0.0.1", 0), backlog=200)  # takes connections, never answers
    put_rule(server.client(), "hangs", [{"Id": "h", "Arn": f"http://127.0.0.1:{silent.getsockname()[1]}/"}])
    put_events(server.client(), 100)
    time.sleep(0.5)  # the workers are at it
    put_rule(server.client(), "works", [{"Id": "w", "Arn": sink.url}], pattern={"source": ["other"]})

    begun = time.monotonic()
    put_events(server.client(), 20, source="other")

    wait_for(lambda: len(sink.requests) == 20, "20 requests")
    assert time.monotonic() - begun < 5
    silent.close()
    server.kill()


def test_errors_are_told_apart(sink, start_server):
    server = start_server()
    put_rule(server.client(), "hook", [{"Id": "h", "Arn": sink.url + "/x?token=secret",
                                        "RetryPolicy": {"MaximumRetryAttempts": 0}}])
    for status, code in ((401, "NO_PERMISSIONS"), (404, "NO_RESOURCE"), (429, "THROTTLING"), (500, "ERROR_FROM_TARGET")):
        sink.status = status
        before = len(run_json("dlq", "list", "--data", server.data)["dead_letters"])
        put_events(server.client())
        letters = wait_for(lambda: len(found := run_json("dlq", "list", "--data", server.data)["dead_letters"]) > before
                           and found, "a dead letter")
        assert letters[0]["attributes"]["ERROR_CODE"] == code
        assert "token" not in letters[0]["attributes"]["ERROR_MESSAGE"]


def test_a_server_on_the_network_sends_to_urls_only_when_it_is_allowed_to(sink, start_server, tmp_path):
    keys = tmp_path / "keys"
    secret = "a-secret-of-some-length"
    keys.write_text(f"test {secret}\n")
    keys.chmod(0o600)
    closed = start_server("--host", "0.0.0.0", "--access-keys", keys)
    put_rule(closed.client(secret=secret), "hook", [{"Id": "h", "Arn": sink.url}])
    put_events(closed.client(secret=secret))
    assert "--allow-http-targets" in dead_letters(closed)[0]["attributes"]["ERROR_MESSAGE"]
    closed.kill()

    opened = start_server("--host", "0.0.0.0", "--access-keys", keys, "--allow-http-targets")
    put_events(opened.client(secret=secret))
    wait_for(lambda: sink.requests, "a request")


def test_certificates_are_checked(start_server, tmp_path):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost", "-keyout", tmp_path / "key", "-out", tmp_path / "cert"],
                   check=True, capture_output=True)
    secure = Sink().start()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    secure.server.socket = context.wrap_socket(secure.server.socket, server_side=True)
    target = {"Id": "h", "Arn": f"https://localhost:{secure.port}/", "RetryPolicy": {"MaximumRetryAttempts": 0}}

    distrusting = start_server()
    put_rule(distrusting.client(), "hook", [target])
    put_events(distrusting.client())
    letter = dead_letters(distrusting)[0]["attributes"]
    assert letter["ERROR_CODE"] == "CONNECTION_FAILURE"
    assert "certificate" in letter["ERROR_MESSAGE"]
    assert not secure.requests
    distrusting.kill()

    trusting = start_server(env={"SSL_CERT_FILE": str(tmp_path / "cert")})
    put_events(trusting.client())
    wait_for(lambda: secure.requests, "a request")
    secure.stop()


def test_a_file_gets_a_line_an_event(start_server, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    server = start_server("--file-targets", folder)
    put_rule(server.client(), "file", [{"Id": "f", "Arn": f"file://{folder}/orders.jsonl"},
                                       {"Id": "bad", "Arn": f"file://{tmp_path}/elsewhere"}])

    ids = put_events(server.client(), 30)

    file = folder / "orders.jsonl"
    lines = wait_for(lambda: file.exists() and len(found := file.read_text().splitlines()) == 30 and found, "30 lines")
    assert sorted(json.loads(line)["id"] for line in lines) == sorted(ids)
    assert dead_letters(server)[0]["attributes"]["ERROR_CODE"] == "NO_PERMISSIONS"
    assert not (tmp_path / "elsewhere").exists()


def test_files_are_off_unless_a_folder_is_allowed(server, tmp_path):
    put_rule(server.client(), "file", [{"Id": "f", "Arn": f"file://{tmp_path}/x"}])

    put_events(server.client())

    assert "--file-targets" in dead_letters(server)[0]["attributes"]["ERROR_MESSAGE"]


def test_standard_output_gets_a_line_an_event(server):
    put_rule(server.client(), "out", [{"Id": "o", "Arn": "stdout:"}])

    ids = put_events(server.client())

    assert json.loads(server.process.stdout.readline())["id"] == ids[0]


def test_what_is_no_address_is_refused_when_it_is_put(server):
    events = server.client()
    events.put_rule(Name="r", EventPattern='{"source":["x"]}')
    for arn in ("ftp://host/", "file://", "http://", "hello", "stdout:x"):
        answer = events.put_targets(Rule="r", Targets=[{"Id": "x", "Arn": arn}])
        assert answer["FailedEntries"][0]["ErrorCode"] == "ValidationException", arn


def test_an_endpoint_that_is_none_is_refused_at_the_start(tmp_path):
    for option, words in (("S3=http://x", "no service S3"), ("SQS=localhost:1", "an endpoint is a URL")):
        done = run_binary("serve", "--port", "0", "--data", tmp_path / "d", "--aws-endpoint", option)
        assert done.returncode == 3 and words in done.stderr, done.stderr
