"""Connections and API destinations against a small HTTP server with an OAuth token endpoint."""
import base64
import http.server
import json
import threading
import time
import urllib.parse

import pytest
from botocore.exceptions import ClientError

from conftest import run_binary, run_json, wait_for
from test_for_tests import reset


class Api(http.server.ThreadingHTTPServer):
    """Remembers requests; answers by path: /token gives tokens, /fail and what `statuses` says refuse."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests = []
        self.statuses = []  # of the next answers, with headers
        self.tokens = 0
        self.good_token = None
        self.refuse_tokens = False
        self.lock = threading.Lock()
        self.url = f"http://127.0.0.1:{self.server_port}"

    def sent(self, path):
        with self.lock:
            return [request for request in self.requests if request["path"].startswith(path)]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.server.lock:
            self.server.requests.append({"method": self.command, "path": self.path, "headers": dict(self.headers.items()),
                                         "body": body.decode(), "at": time.monotonic()})
            status, headers, text = self.reply()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    def reply(self):
        if self.path.startswith("/token"):
            if self.server.refuse_tokens:
                return 401, {}, b'{"error":"invalid_client"}'
            self.server.tokens += 1
            self.server.good_token = f"Bearer token-{self.server.tokens}"
            return 200, {}, json.dumps({"access_token": f"token-{self.server.tokens}", "expires_in": 3600}).encode()
        if self.path.startswith("/oauth") and self.headers.get("Authorization") != self.server.good_token:
            return 401, {}, b""
        if self.server.statuses:
            return (*self.server.statuses.pop(0), b"")
        return 200, {}, b""

    do_GET = do_POST = do_PUT = do_HEAD = do_PATCH = do_DELETE = do_OPTIONS = answer

    def log_message(self, *_):
        pass


@pytest.fixture
def api():
    server = Api()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def api_key(client, name="shop"):
    return client.create_connection(Name=name, AuthorizationType="API_KEY", AuthParameters={
        "ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "top-secret-key"}})


def oauth(client, api, name="shop"):
    return client.create_connection(Name=name, AuthorizationType="OAUTH_CLIENT_CREDENTIALS", AuthParameters={
        "OAuthParameters": {"ClientParameters": {"ClientID": "me", "ClientSecret": "top-secret-client"},
                            "AuthorizationEndpoint": api.url + "/token", "HttpMethod": "POST",
                            "OAuthHttpParameters": {"BodyParameters": [{"Key": "audience", "Value": "orders"}]}}})


def rule_to(client, connection, endpoint, target=None, **destination):
    arn = client.create_api_destination(**{"Name": "orders", "ConnectionArn": connection["ConnectionArn"],
                                           "InvocationEndpoint": endpoint, "HttpMethod": "POST", **destination})["ApiDestinationArn"]
    client.put_rule(Name="r", EventPattern='{"source":["shop"]}')
    failed = client.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": arn, **(target or {})}])
    assert failed["FailedEntryCount"] == 0
    return arn


def put(client, count=1):
    return client.put_events(Entries=[{"Source": "shop", "DetailType": "Order", "Detail": json.dumps({"n": n})} for n in range(count)])


def test_an_event_arrives_with_the_api_key_and_what_connection_and_target_add(server, api):
    client = server.client()
    connection = client.create_connection(Name="shop", AuthorizationType="API_KEY", AuthParameters={
        "ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "top-secret-key"},
        "InvocationHttpParameters": {"BodyParameters": [{"Key": "tenant", "Value": "7", "IsValueSecret": True}],
                                     "HeaderParameters": [{"Key": "X-Tenant", "Value": "7", "IsValueSecret": False}]}})
    rule_to(client, connection, api.url + "/orders/*", {
        "HttpParameters": {"PathParameterValues": ["eu west"], "QueryStringParameters": {"q": "1"}, "HeaderParameters": {"X-Tenant": "8"}},
        "InputTransformer": {"InputPathsMap": {"n": "$.detail.n"}, "InputTemplate": '{"number": <n>}'}})

    put(client)

    request = wait_for(lambda: api.sent("/orders"), "the event to arrive")[0]
    assert (request["method"], request["path"]) == ("POST", "/orders/eu%20west?q=1")
    assert json.loads(request["body"]) == {"number": 0, "tenant": "7"}
    headers = request["headers"]
    assert headers["X-Key"] == "top-secret-key" and headers["X-Tenant"] == "7"
    assert headers["User-Agent"] == "Amazon/EventBridge/ApiDestinations" and headers["Range"] == "bytes=0-1048575"
    shown = client.describe_connection(Name="shop")
    assert shown["AuthParameters"]["InvocationHttpParameters"]["BodyParameters"] == [{"Key": "tenant", "IsValueSecret": True}]


def test_secrets_are_neither_shown_nor_kept_in_the_clear_nor_logged(server, api):
    client = server.client()
    rule_to(client, api_key(client), api.url + "/orders")
    put(client)
    wait_for(lambda: api.sent("/orders"), "the event to arrive")

    assert "top-secret" not in json.dumps(client.describe_connection(Name="shop"), default=str)
    assert "top-secret" not in "".join(server.log)
    assert server.stop() == 0
    for file in server.data.iterdir():
        if file.is_file():
            assert b"top-secret" not in file.read_bytes(), file
    assert (server.data / "secret.key").stat().st_mode & 0o777 == 0o600


def test_connections_are_good_after_a_restart(server, api):
    client = server.client()
    rule_to(client, client.create_connection(Name="shop", AuthorizationType="BASIC", AuthParameters={
        "BasicAuthParameters": {"Username": "ann", "Password": "top-secret"}}), api.url + "/orders")
    server.kill()
    server.start()

    put(server.client())

    request = wait_for(lambda: api.sent("/orders"), "the event to arrive")[0]
    assert request["headers"]["Authorization"] == "Basic " + base64.b64encode(b"ann:top-secret").decode()


def test_a_connection_with_oauth_gets_a_token_and_renews_it(server, api):
    client = server.client()
    connection = oauth(client, api)
    assert connection["ConnectionState"] == "AUTHORIZING"
    wait_for(lambda: client.describe_connection(Name="shop")["ConnectionState"] == "AUTHORIZED", "the first token")
    rule_to(client, connection, api.url + "/oauth/orders")
    assert client.describe_api_destination(Name="orders")["ApiDestinationState"] == "ACTIVE"

    put(client)
    wait_for(lambda: len(api.sent("/oauth")) == 1, "the event to arrive")
    api.good_token = "Bearer another"  # what was given is good no more
    put(client)
    wait_for(lambda: len(api.sent("/oauth")) == 3, "the renewed token to be used")

    assert api.sent("/oauth")[2]["headers"]["Authorization"] == "Bearer token-2"
    form = urllib.parse.parse_qs(api.sent("/token")[0]["body"])
    assert form == {"grant_type": ["client_credentials"], "client_id": ["me"], "client_secret": ["top-secret-client"], "audience": ["orders"]}
    assert len(api.sent("/token")) == 2


def test_a_refused_client_is_deauthorized_and_good_again_after_an_update(server, api):
    client = server.client()
    api.refuse_tokens = True
    connection = oauth(client, api)
    wait_for(lambda: client.describe_connection(Name="shop")["ConnectionState"] == "DEAUTHORIZED", "the refusal")
    assert "401" in client.describe_connection(Name="shop")["StateReason"]
    rule_to(client, connection, api.url + "/oauth/orders")
    assert client.describe_api_destination(Name="orders")["ApiDestinationState"] == "INACTIVE"
    put(client)
    letters = wait_for(lambda: run_json("dlq", "list", "--data", server.data)["dead_letters"], "the event to be given up")
    assert letters[0]["attributes"]["ERROR_CODE"] == "NO_PERMISSIONS"

    api.refuse_tokens = False
    client.update_connection(Name="shop", AuthParameters={"OAuthParameters": {"ClientParameters": {"ClientSecret": "new"}}})
    wait_for(lambda: client.describe_connection(Name="shop")["ConnectionState"] == "AUTHORIZED", "the token")
    run = run_json("dlq", "redrive", "--all", "--data", server.data)
    assert run
    wait_for(lambda: api.sent("/oauth"), "the event to arrive after all")


def test_refusals_that_may_pass_are_tried_again_and_others_are_given_up(server, api):
    client = server.client()
    rule_to(client, api_key(client), api.url + "/orders")
    api.statuses = [(503, {}), (429, {"Retry-After": "1"}), (200, {}), (400, {})]

    put(client)
    wait_for(lambda: len(api.sent("/orders")) == 3, "the third attempt")
    put(client)

    letters = wait_for(lambda: run_json("dlq", "list", "--data", server.data)["dead_letters"], "the refused event to be given up")
    assert letters[0]["attributes"]["ERROR_CODE"] == "ERROR_FROM_TARGET"
    assert "400" in letters[0]["attributes"]["ERROR_MESSAGE"]
    requests = api.sent("/orders")
    assert len(requests) == 4
    assert requests[2]["at"] - requests[1]["at"] >= 0.99


def test_no_more_invocations_a_second_than_the_destination_takes(server, api):
    client = server.client()
    rule_to(client, api_key(client), api.url + "/orders", InvocationRateLimitPerSecond=5)

    put(client, 10)
    put(client, 8)

    wait_for(lambda: len(api.sent("/orders")) == 18, "all events to arrive")
    times = [request["at"] for request in api.sent("/orders")]
    for first, sixth in zip(times, times[5:]):
        assert sixth - first > 0.9, times
    assert times[-1] - times[0] < 6
    assert run_json("dlq", "list", "--data", server.data)["dead_letters"] == []


def test_the_aws_cli_makes_lists_and_deletes_them(server, api):
    arn = server.aws("create-connection", "--name", "cli", "--authorization-type", "BASIC", "--auth-parameters",
                     "BasicAuthParameters={Username=ann,Password=word}")["ConnectionArn"]
    server.aws("create-api-destination", "--name", "cli", "--connection-arn", arn, "--invocation-endpoint",
               "https://api.example.com/", "--http-method", "PUT")
    assert server.aws("list-connections", "--connection-state", "AUTHORIZED")["Connections"][0]["Name"] == "cli"
    shown = server.aws("list-api-destinations", "--connection-arn", arn)["ApiDestinations"][0]
    assert shown["InvocationRateLimitPerSecond"] == 300 and shown["HttpMethod"] == "PUT" and shown["ApiDestinationState"] == "ACTIVE"
    assert server.aws("update-api-destination", "--name", "cli", "--invocation-rate-limit-per-second", "9")["ApiDestinationState"] == "ACTIVE"
    assert server.aws("deauthorize-connection", "--name", "cli")["ConnectionState"] == "DEAUTHORIZING"
    assert server.aws("describe-api-destination", "--name", "cli")["ApiDestinationState"] == "INACTIVE"
    server.aws("delete-api-destination", "--name", "cli")
    assert server.aws("delete-connection", "--name", "cli")["ConnectionState"] == "DELETING"
    assert server.aws("list-connections")["Connections"] == [] and server.aws("list-api-destinations")["ApiDestinations"] == []


def test_refusals_do_not_repeat_secrets(server):
    client = server.client()
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="Connection 'none' does not exist"):
        client.describe_connection(Name="none")
    with pytest.raises(ClientError) as refused:
        client.create_connection(Name="x", AuthorizationType="BASIC", AuthParameters={
            "BasicAuthParameters": {"Username": "ann", "Password": "top:secret"}})
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert "top:secret" not in str(refused.value)


def test_a_reset_forgets_them(start_server):
    server = start_server("--allow-reset")
    client = server.client()
    api_key(client)

    assert reset(server) == 200

    assert client.list_connections()["Connections"] == []


def test_a_key_from_the_environment_must_be_one_and_is_not_repeated(tmp_path):
    refused = run_binary("serve", "--port", "0", "--data", tmp_path / "data", env={"EBAGENT_SECRET_KEY": "not-a-key"})

    assert refused.returncode != 0
    assert "EBAGENT_SECRET_KEY" in refused.stderr and "64 hexadecimal digits" in refused.stderr
    assert "not-a-key" not in refused.stderr
