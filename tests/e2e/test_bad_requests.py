"""Malformed requests: each gets a 4xx or a closed connection, memory stays flat and the next good request works."""
import json
import random
import socket

import pytest

TYPE = "application/x-amz-json-1.1"
GOOD = json.dumps({"Entries": [{"Source": "a", "DetailType": "b", "Detail": "{}"}]}).encode()


def post(body, target="AWSEvents.PutEvents", headers=(), length=None):
    head = [b"POST / HTTP/1.1", b"Host: 127.0.0.1", f"Content-Type: {TYPE}".encode()]
    if target is not None:
        head.append(b"X-Amz-Target: " + target.encode("latin1"))
    head.append(f"Content-Length: {len(body) if length is None else length}".encode())
    head += [h if isinstance(h, bytes) else h.encode() for h in headers]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def exchange(port, data, half_close=True, timeout=20):
    """Sends bytes and returns the status of the first answer, or None when the connection was closed without one."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        try:
            connection.sendall(data)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
            answer = b""
            while b"\r\n" not in answer:
                part = connection.recv(65536)
                if not part:
                    break
                answer += part
        except (BrokenPipeError, ConnectionResetError):
            return None
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.") else None


def entries(*items):
    return json.dumps({"Entries": list(items)}).encode()


def wrong_json():
    texts = [b"", b"{", b"}", b"[", b"nul", b"\"", b"{\"Entries\":}", b"{\"Entries\":[}", b"{\"Entries\":[{]}", b"\xff\xfe", b"{}{}", b"{\"Entries\":[]} x",
             b"{'Entries':[]}", b"\x00", b"{\"Entries\":[{\"Source\":\"\xc3\x28\"}]}", b"[" * 100_000, b"{\"a\":" * 50_000, b"{\"Entries\":[" + b"[" * 5000]
    return [post(text) for text in texts]


def wrong_types():
    values = [None, True, 0, -1, 1e300, "x", [], {}, [1], [None], ["x"], [[]], [True]]
    requests = [post(json.dumps({"Entries": value}).encode()) for value in values]
    for member in ("Source", "DetailType", "Detail", "EventBusName", "Time", "Resources"):
        for value in (True, [1], {"a": 1}, [[]], {"": []}, [None, 1]):
            requests.append(post(entries({"Source": "a", "DetailType": "b", "Detail": "{}", member: value})))
    for target in ("PutRule", "PutTargets", "DescribeRule", "ListRules", "DeleteRule", "RemoveTargets", "TestEventPattern"):
        for body in (b"[]", b"1", b"\"x\"", b"{\"Name\":1}", b"{\"Name\":[]}", b"{\"Rule\":{}}", b"{\"Limit\":\"x\"}", b"{\"Name\":\"\"}"):
            if (target, body) == ("ListRules", b"{\"Name\":1}") or (target, body) == ("ListRules", b"{\"Name\":[]}") or \
               target == "ListRules" and body in (b"{\"Rule\":{}}", b"{\"Name\":\"\"}"):
                continue  # members that ListRules does not have are ignored, as AWS does
            requests.append(post(body, f"AWSEvents.{target}"))
    return requests


def too_large():
    return [post(entries({"Source": "a", "DetailType": "b", "Detail": json.dumps({"x": "y" * size})})) for size in (1_100_000, 3_000_000)] + [
        post(entries(*[{"Source": "a", "DetailType": "b", "Detail": "{}"}] * 11)),
        post(b"x", length=10**12), post(b"x", length=2**63), post(b"", headers=["X-Filler: " + "y" * 100_000]),
        post(GOOD, headers=[f"X-Filler-{i}: y" for i in range(5000)]),
        post(json.dumps({"Name": "n" * 65, "EventPattern": "{\"source\":[\"a\"]}"}).encode(), "AWSEvents.PutRule"),
        post(json.dumps({"Name": "n", "EventPattern": json.dumps({"source": ["a" * 5000]})}).encode(), "AWSEvents.PutRule")]


def wrong_http():
    lines = [b"", b"\r\n\r\n", b"GET\r\n\r\n", b"POST / HTTP/9.9\r\n\r\n", b"POST  HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
             b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n", b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: x\r\n\r\n",
             b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
             b"POST / HTTP/1.1\r\n: x\r\n\r\n", b"POST / HTTP/1.1\r\nHost 127.0.0.1\r\n\r\n", b"DELETE / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
             b"GET /nowhere HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"POST /nowhere HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n",
             post(GOOD, target=None), post(GOOD, "AWSEvents.Nothing"), post(GOOD, "x"), post(GOOD, ""), post(GOOD, "AWSEvents."), post(GOOD, "\xff"),
             post(GOOD).replace(b"Host: 127.0.0.1", b"Host: attacker.example"), post(GOOD, headers=["Origin: https://attacker.example"])]
    return lines


def cut_short():
    whole = post(GOOD)
    return [whole[:size] for size in range(1, len(whole) - 1, 4)]


REQUESTS = [*wrong_json(), *wrong_types(), *too_large(), *wrong_http(), *cut_short()]


def resident_kib(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def test_there_are_enough_of_them():
    assert len(REQUESTS) >= 200


def entry_errors_only(status, request):
    """PutEvents answers 200 with an error in the entry for what concerns one entry alone."""
    return status == 200 and b"AWSEvents.PutEvents" in request


def test_each_malformed_request_is_refused_and_the_next_good_one_works(server):
    for round_number in range(3):
        for request in REQUESTS:
            status = exchange(server.port, request)
            assert status is None or 400 <= status < 500 or entry_errors_only(status, request), (status, request[:300])
        assert exchange(server.port, post(GOOD)) == 200
        if round_number == 0:
            settled = resident_kib(server.process)
    assert resident_kib(server.process) < settled + 8 * 1024, "memory grows with malformed requests"
    assert server.process.poll() is None


def test_random_bytes_never_end_the_server(server):
    chance = random.Random(20260126)
    whole = post(GOOD)
    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(chance.randint(1, 12)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        exchange(server.port, bytes(damaged))

    assert exchange(server.port, post(GOOD)) == 200


def test_slow_senders_do_not_keep_others_waiting(server):
    slow = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(200)]
    for connection in slow:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Le")

    assert exchange(server.port, post(GOOD)) == 200
    for connection in slow:
        connection.close()


@pytest.mark.parametrize("detail", ["", "[]", "\"x\"", "{", "nul", "1"])
def test_a_malformed_detail_fails_its_entry_alone(server, detail):
    answer = server.client().put_events(Entries=[{"Source": "a", "DetailType": "b", "Detail": detail},
                                                 {"Source": "a", "DetailType": "b", "Detail": "{}"}])

    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][0]["ErrorCode"] in ("MalformedDetail", "InvalidArgument")
    assert answer["Entries"][1]["EventId"]
