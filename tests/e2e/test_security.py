"""Who may call: access keys, signatures, bearer tokens and TLS, with the real AWS CLI, boto3 and curl."""
import datetime
import hashlib
import http.client
import json
import os
import re
import socket
import ssl
import subprocess
import threading
import urllib.error
import urllib.request

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from conftest import BINARY, DEADLINE, Server, run_binary

KEY = "AKIDEXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "a-token-for-cloudevents"
ACCOUNT = "123456789012"
LINES = f"# Who may call\n{KEY} {SECRET} {ACCOUNT}\nOTHERKEY another-secret-of-some-length 210987654321\nBearer {TOKEN} {ACCOUNT}\n"
ENTRY = {"Source": "myapp.orders", "DetailType": "Order Placed", "Detail": '{"orderId":"1"}'}


@pytest.fixture
def keys(tmp_path):
    file = tmp_path / "access-keys"
    file.write_text(LINES)
    file.chmod(0o600)
    return file


@pytest.fixture
def guarded(start_server, keys):
    return start_server("--access-keys", keys, "--allow-reset")


def client(server, key=KEY, secret=SECRET, **options):
    return boto3.client("events", endpoint_url=server.url, region_name="eu-central-1", aws_access_key_id=key, aws_secret_access_key=secret,
                        config=Config(retries={"max_attempts": 0}), **options)


def refused(call):
    with pytest.raises(ClientError) as error:
        call()
    return error.value.response["Error"]["Code"], error.value.response["ResponseMetadata"]["HTTPStatusCode"]


def aws_cli(server, *args, key=KEY, secret=SECRET):
    environment = {**os.environ, "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_DEFAULT_REGION": "eu-central-1", "AWS_PAGER": "",
                   "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_EC2_METADATA_DISABLED": "true"}
    return subprocess.run(["aws", "--endpoint-url", server.url, "--output", "json", *args], capture_output=True, text=True, env=environment,
                          timeout=60, check=False)


def sign(server, body, headers=(), when=None, secret=SECRET):
    """The headers of a request as botocore signs it, at another time if so wanted."""
    request = AWSRequest("POST", server.url + "/", data=body, headers={
        "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "AWSEvents.ListRules", **dict(headers)})
    signer = SigV4Auth(Credentials(KEY, secret), "events", "eu-central-1")
    now = when or datetime.datetime.utcnow()
    request.context["timestamp"] = now.strftime("%Y%m%dT%H%M%SZ")
    signer._modify_request_before_signing(request)
    canonical = signer.canonical_request(request)
    signature = signer.signature(signer.string_to_sign(request, canonical), request)
    signer._inject_signature_to_request(request, signature)
    return {"Host": server.url.split("//")[1], **dict(request.headers.items())}


def post(server, path, body, headers):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE)
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def test_the_right_key_may_call_and_acts_for_its_account(guarded):
    events = client(guarded)

    arn = events.put_rule(Name="r", EventPattern='{"source":["myapp.orders"]}')["RuleArn"]

    assert arn == f"arn:aws:events:eu-central-1:{ACCOUNT}:rule/r"
    assert events.put_events(Entries=[ENTRY])["FailedEntryCount"] == 0
    assert client(guarded, "OTHERKEY", "another-secret-of-some-length").list_rules()["Rules"] == []


def test_the_aws_cli_may_call_with_the_right_secret_only(guarded):
    assert json.loads(aws_cli(guarded, "events", "list-rules").stdout) == {"Rules": []}
    assert "InvalidSignatureException" in aws_cli(guarded, "events", "list-rules", secret="wrong-secret").stderr
    assert "UnrecognizedClientException" in aws_cli(guarded, "events", "list-rules", key="AKIDUNKNOWN").stderr


def test_a_wrong_secret_an_unknown_key_and_a_session_are_refused_as_aws_refuses_them(guarded):
    assert refused(client(guarded, secret="wrong").list_rules) == ("InvalidSignatureException", 403)
    assert refused(client(guarded, key="AKIDUNKNOWN").list_rules) == ("UnrecognizedClientException", 403)
    assert refused(client(guarded, aws_session_token="session").list_rules) == ("UnrecognizedClientException", 403)
    unsigned = boto3.client("events", endpoint_url=guarded.url, region_name="eu-central-1", config=Config(signature_version=__import__("botocore").UNSIGNED))
    assert refused(unsigned.list_rules) == ("MissingAuthenticationTokenException", 403)


def test_a_clock_that_is_off_and_a_request_that_was_recorded_are_refused(guarded):
    now = datetime.datetime.utcnow()
    assert post(guarded, "/", "{}", sign(guarded, "{}", when=now))[0] == 200
    assert post(guarded, "/", "{}", sign(guarded, "{}", when=now - datetime.timedelta(minutes=14)))[0] == 200

    for minutes, reason in ((-16, "Signature expired"), (16, "Signature not yet current")):
        status, text = post(guarded, "/", "{}", sign(guarded, "{}", when=now + datetime.timedelta(minutes=minutes)))

        assert status == 403
        assert "InvalidSignatureException" in text and reason in text


def test_what_was_changed_on_the_way_is_refused(guarded):
    signed = sign(guarded, "{}")
    for path, body, headers in (("/", '{"Limit":1}', signed), ("/?a=b", "{}", signed),
                                ("/", "{}", {**signed, "X-Amz-Target": "AWSEvents.ListEventBuses"}),
                                ("/", "{}", {**signed, "X-Amz-Other": "added"}),
                                ("/", "{}", {**signed, "Host": "localhost"})):
        status, text = post(guarded, path, body, headers)

        assert (status, "InvalidSignatureException" in text) == (403, True), text


def test_bodies_without_a_signature_of_their_own_and_signed_in_chunks_are_refused(guarded):
    for kind in ("UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"):
        status, text = post(guarded, "/", "{}", sign(guarded, "{}", {"X-Amz-Content-SHA256": kind}))

        assert (status, kind in text) == (403, True)
    good = hashlib.sha256(b"{}").hexdigest()
    assert post(guarded, "/", "{}", sign(guarded, "{}", {"X-Amz-Content-SHA256": good}))[0] == 200


def test_the_endpoints_that_are_not_amazons_take_a_bearer_token(guarded):
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    event = json.dumps({"specversion": "1.0", "id": "1", "source": "s", "type": "t"})
    kind = {"Content-Type": "application/cloudevents+json"}

    assert urllib.request.urlopen(guarded.url + "/_eventbridge/health").status == 200
    assert post(guarded, "/cloudevents", event, kind)[0] == 401
    assert post(guarded, "/cloudevents", event, {**kind, "Authorization": "Bearer wrong"})[0] == 401
    assert post(guarded, "/cloudevents", event, {**kind, **bearer})[0] == 200
    assert post(guarded, "/_eventbridge/reset", "", {})[0] == 401
    assert post(guarded, "/_eventbridge/reset", "", bearer)[0] == 200


def test_another_account_may_put_events_on_a_bus_only_when_its_policy_says_so(guarded):
    owner, other = client(guarded), client(guarded, "OTHERKEY", "another-secret-of-some-length")
    bus = owner.create_event_bus(Name="shared")["EventBusArn"]
    entry = {**ENTRY, "EventBusName": bus}
    refused_entry = other.put_events(Entries=[entry])["Entries"][0]
    assert refused_entry["ErrorCode"] == "AccessDeniedException"
    assert bus in refused_entry["ErrorMessage"]
    assert owner.put_events(Entries=[entry])["FailedEntryCount"] == 0

    policy = {"Version": "2012-10-17", "Statement": [{
        "Sid": "orders", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::210987654321:root"}, "Action": "events:PutEvents", "Resource": bus,
        "Condition": {"StringEquals": {"events:source": "myapp.orders"}}}]}
    owner.put_permission(EventBusName="shared", Policy=json.dumps(policy))

    both = other.put_events(Entries=[entry, {**entry, "Source": "elsewhere"}])
    assert "EventId" in both["Entries"][0]
    assert both["Entries"][1]["ErrorCode"] == "NotAuthorizedForSourceException"
    assert refused(lambda: other.put_rule(Name="r", EventBusName=bus, EventPattern='{"source":["a"]}'))[0] == "ResourceNotFoundException"


def test_the_scheduler_verifies_its_callers_too(guarded):
    def scheduler(secret):
        return boto3.client("scheduler", endpoint_url=guarded.url, region_name="eu-central-1", aws_access_key_id=KEY, aws_secret_access_key=secret,
                            config=Config(retries={"max_attempts": 0}))

    made = scheduler(SECRET).create_schedule_group(Name="a-group")["ScheduleGroupArn"]
    assert made == f"arn:aws:scheduler:eu-central-1:{ACCOUNT}:schedule-group/a-group"
    assert refused(scheduler("wrong").list_schedule_groups) == ("InvalidSignatureException", 403)


def test_secrets_are_never_logged(start_server, keys):
    server = start_server("--access-keys", keys, "--verbose")
    refused(client(server, secret="wrong").list_rules)
    client(server).list_rules()

    server.stop()

    log = "".join(server.log)
    assert SECRET not in log and TOKEN not in log


def test_the_server_does_not_listen_on_the_network_without_access_keys(tmp_path):
    for host in ("0.0.0.0", "::"):
        done = run_binary("serve", "--host", host, "--port", "0", "--data", tmp_path / "d")

        assert done.returncode == 3
        assert f"Listening on {host} lets other machines in: name the access keys that may call with --access-keys FILE" in done.stderr
    assert not (tmp_path / "d").exists()


def test_a_file_of_access_keys_that_others_may_read_or_that_is_wrong_is_refused(tmp_path, keys):
    keys.chmod(0o644)
    done = run_binary("serve", "--port", "0", "--data", tmp_path / "d", "--access-keys", keys)
    assert (done.returncode, "chmod 600" in done.stderr) == (3, True)

    keys.chmod(0o600)
    keys.write_text(f"{KEY} tooshort")
    done = run_binary("serve", "--port", "0", "--data", tmp_path / "d", "--access-keys", keys)
    assert (done.returncode, "line 1: a secret or token needs at least 16 characters" in done.stderr) == (3, True)
    assert "tooshort" not in done.stderr


# ---- TLS

class TlsServer(Server):
    """A server on 127.0.0.1 or, with the keys, on every address."""

    def start(self):
        self.process = subprocess.Popen([BINARY, "serve", "--port", "0", "--data", str(self.data), *map(str, self.args)],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        threading.Thread(target=self._collect, args=(self.process.stderr,), daemon=True).start()
        ready = self.process.stdout.readline()
        found = re.search(r"https://[\d.]+:(\d+)", ready)
        assert found, ready + "".join(self.log)
        self.port = int(found[1])
        return self

    @property
    def url(self):
        return f"https://localhost:{self.port}"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    make_certificate(folder / "cert.pem", folder / "key.pem")
    return folder


def make_certificate(cert, key, *options):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key), "-out", str(cert), *options],
                   check=True, capture_output=True)
    key.chmod(0o600)


@pytest.fixture
def encrypted(tmp_path, certificate, keys):
    server = TlsServer(tmp_path / "data", "--host", "0.0.0.0", "--access-keys", keys, "--tls-cert", certificate / "cert.pem", "--tls-key",
                       certificate / "key.pem")
    yield server.start()
    if server.process.poll() is None:
        server.kill()


def test_the_aws_cli_boto3_and_curl_call_over_tls(encrypted, certificate):
    bundle = str(certificate / "cert.pem")
    listed = aws_cli(encrypted, "--ca-bundle", bundle, "events", "list-rules")
    assert json.loads(listed.stdout) == {"Rules": []}, listed.stderr
    events = client(encrypted, verify=bundle)
    assert events.put_events(Entries=[ENTRY] * 10)["FailedEntryCount"] == 0
    large = {**ENTRY, "Detail": json.dumps({"text": "x" * 900_000})}
    for _ in range(3):
        assert events.put_events(Entries=[large])["FailedEntryCount"] == 0

    health = subprocess.run(["curl", "-sS", "--cacert", bundle, f"{encrypted.url}/_eventbridge/health"], capture_output=True, text=True, check=False)

    assert json.loads(health.stdout)["counts"]["accepted"] == 13, health.stderr
    assert encrypted.stop() == 0


def test_over_tls_a_token_and_an_unsigned_payload_will_do(encrypted, certificate):
    context = ssl.create_default_context(cafile=certificate / "cert.pem")
    event = json.dumps({"specversion": "1.0", "id": "1", "source": "s", "type": "t"}).encode()
    request = urllib.request.Request(encrypted.url + "/cloudevents", event, {
        "Authorization": f"Bearer {TOKEN}", "Content-Type": "application/cloudevents+json"})
    assert urllib.request.urlopen(request, context=context).status == 200

    signed = sign(encrypted, "{}", {"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"})
    request = urllib.request.Request(encrypted.url + "/", b"{}", signed)
    assert json.load(urllib.request.urlopen(request, context=context)) == {"Rules": []}


def test_old_versions_of_tls_and_plain_http_are_refused_clearly(encrypted, certificate):
    context = ssl.create_default_context(cafile=certificate / "cert.pem")
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for version in ("TLSv1.2", "TLSv1.3"):
        context.maximum_version = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}[version]
        with context.wrap_socket(socket.create_connection(("127.0.0.1", encrypted.port)), server_hostname="localhost") as spoken:
            assert spoken.version() == version
    old = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{encrypted.port}", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], input="",
                         capture_output=True, text=True, timeout=DEADLINE, check=False)
    assert old.returncode != 0

    with pytest.raises(urllib.error.HTTPError) as plain:
        urllib.request.urlopen(f"http://localhost:{encrypted.port}/_eventbridge/health")
    assert (plain.value.code, "https://" in plain.value.read().decode()) == (400, True)


def test_a_connection_that_is_cut_or_talks_nonsense_in_the_handshake_does_no_harm(encrypted, certificate):
    for bytes_of_client in (b"", b"\x16\x03\x01", b"\x16\x03\x01\x00\x05hello", b"\x16" + b"\xff" * 20_000):
        with socket.create_connection(("127.0.0.1", encrypted.port)) as raw:
            raw.sendall(bytes_of_client)

    assert client(encrypted, verify=str(certificate / "cert.pem")).list_rules()["Rules"] == []


def test_files_that_are_missing_or_do_not_belong_together_are_refused_clearly(tmp_path, certificate):
    make_certificate(tmp_path / "other.pem", tmp_path / "other.key")
    subprocess.run(["openssl", "rsa", "-aes128", "-passout", "pass:secret", "-in", str(tmp_path / "other.key"), "-out",
                    str(tmp_path / "locked.key")], check=True, capture_output=True)
    (tmp_path / "locked.key").chmod(0o600)
    (tmp_path / "open.key").write_bytes((tmp_path / "other.key").read_bytes())
    (tmp_path / "open.key").chmod(0o644)
    (tmp_path / "text.pem").write_text("no certificate")
    (tmp_path / "text.pem").chmod(0o600)

    def problem(cert, key):
        done = run_binary("serve", "--port", "0", "--data", tmp_path / "d", "--tls-cert", cert, "--tls-key", key)
        assert done.returncode in (1, 3)
        return done.stderr

    assert "does not belong to the certificate" in problem(certificate / "cert.pem", tmp_path / "other.key")
    assert "There is no certificate file" in problem(tmp_path / "none.pem", tmp_path / "other.key")
    assert "holds no PEM certificate" in problem(tmp_path / "text.pem", tmp_path / "other.key")
    assert "holds no PEM key" in problem(tmp_path / "other.pem", tmp_path / "text.pem")
    assert "cannot be read" in problem(tmp_path / "other.pem", tmp_path / "none.key")
    assert "is encrypted" in problem(tmp_path / "other.pem", tmp_path / "locked.key")
    assert "chmod 600" in problem(tmp_path / "other.pem", tmp_path / "open.key")
    alone = run_binary("serve", "--tls-cert", certificate / "cert.pem")
    assert (alone.returncode, "--tls-key" in alone.stderr) == (2, True)
