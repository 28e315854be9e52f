"""The server under more than it may take: it refuses at once, in words that SDKs try again after, and loses nothing."""
import concurrent.futures
import http.server
import json
import socket
import threading
import urllib.request

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from conftest import wait_for

ENTRY = {"Source": "myapp.orders", "DetailType": "Order Placed", "Detail": "{}"}


@pytest.fixture
def held_target():
    """The URL of a target that answers nobody until it is let go."""
    go_on = threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            go_on.wait(20)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/", go_on
    go_on.set()
    server.shutdown()
    server.server_close()


def client(server, attempts):
    return boto3.client("events", endpoint_url=server.url, region_name="us-west-2", aws_access_key_id="test", aws_secret_access_key="test",
                        config=Config(retries={"mode": "standard", "total_max_attempts": attempts}))


def health(server):
    with urllib.request.urlopen(server.url + "/_eventbridge/health") as answer:
        return json.load(answer)["counts"]


def test_a_call_beyond_what_may_be_under_way_is_throttled_and_health_is_not(start_server, held_target):
    url, go_on = held_target
    server = start_server("--max-requests", "1", "--answer-after-delivery")
    hasty = client(server, 1)
    hasty.put_rule(Name="held", EventPattern='{"source":["myapp.orders"]}')
    hasty.put_targets(Rule="held", Targets=[{"Id": "1", "Arn": url}])
    with concurrent.futures.ThreadPoolExecutor() as pool:
        first = pool.submit(client(server, 20).put_events, Entries=[ENTRY])
        wait_for(lambda: health(server)["accepted"] == 1, "the first event")

        with pytest.raises(ClientError) as throttled:
            hasty.put_events(Entries=[ENTRY])

        assert throttled.value.response["Error"]["Code"] == "ThrottlingException"
        assert throttled.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
        assert health(server)["accepted"] == 1
        go_on.set()
        assert first.result()["FailedEntryCount"] == 0
    assert hasty.put_events(Entries=[ENTRY])["FailedEntryCount"] == 0


def test_many_callers_that_try_again_are_all_served(start_server):
    server = start_server("--max-requests", "2")

    def put(_):
        patient = client(server, 20)
        return sum(patient.put_events(Entries=[ENTRY] * 10)["FailedEntryCount"] == 0 for _ in range(10))

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(put, range(8))) == 80
    assert health(server)["accepted"] == 800


def test_connections_beyond_the_bound_are_told_and_closed(start_server):
    server = start_server("--max-connections", "3")
    held = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(3)]
    for connection in held:
        connection.sendall(b"GET /_eventbridge/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")

    with socket.create_connection(("127.0.0.1", server.port)) as late:
        assert late.recv(4096).startswith(b"HTTP/1.1 503")

    held.pop().close()
    wait_for(lambda: _answers(server), "room for another connection")
    for connection in held:
        connection.close()


def _answers(server):
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(b"GET /_eventbridge/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try:
            return connection.recv(4096).startswith(b"HTTP/1.1 200")
        except ConnectionResetError:
            return False
