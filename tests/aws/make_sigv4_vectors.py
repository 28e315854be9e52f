#!/usr/bin/env python3
"""Writes sigv4_vectors.json: generated requests with what botocore's signer makes of them.

    python3 tests/aws/make_sigv4_vectors.py          # any botocore of 2023 or later; made with 1.43.11

The requests come from a fixed seed, so running it again changes nothing unless botocore does.
"""
import datetime
import json
import pathlib
import random
import urllib.parse

import botocore
import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

NOW = datetime.datetime(2026, 11, 24, 11, 29, 4)
COUNT = 400

if hasattr(botocore.auth, "get_current_datetime"):
    botocore.auth.get_current_datetime = lambda *_, **__: NOW
else:
    class FixedTime(datetime.datetime):
        @classmethod
        def utcnow(cls):
            return NOW
    botocore.auth.datetime.datetime = FixedTime

rng = random.Random(20261124)
SERVICES = ["sqs", "sns", "lambda", "states", "logs", "kinesis", "firehose", "bedrock", "events", "scheduler", "s3"]
REGIONS = ["us-east-1", "eu-central-1", "ap-southeast-2", "us-gov-west-1"]
SEGMENTS = ["a", "queue-1", "anthropic.claude:0", "x y", "ü", "日本", "a%b", "arn:aws:x:y", "~t", "a+b", "a=b&c",
            "(p)", "semi;colon", "q'uote", "at@home", "*", "$latest", ".", "..", "", "%2F", "🐑"]
VALUES = ["", "1", "x y", "ü", "a/b", "a+b", "a=b", "~-_.", "%", "日本", "Z", "z", "&", "🐑", "10", "9"]
HEADERS = [("Content-Type", "application/x-amz-json-1.0"), ("X-Amz-Target", "AmazonSQS.SendMessage"),
           ("X-Blanks", "  a   b \t c  "), ("X-Empty", ""), ("x-amz-meta-ü", "v"), ("X-Upper", "ÄB"),
           ("X-Repeated", "two"), ("X-Repeated", "one"), ("x-amz-invocation-type", "Event")]


def encoded(text, safe):
    return urllib.parse.quote(text, safe=safe)


def one(index):
    service = rng.choice(SERVICES)
    path = "/" + "/".join(encoded(rng.choice(SEGMENTS), rng.choice(["", ":", ":+=&;'()@*$!,"]))
                          for _ in range(rng.choice([0, 0, 1, 2, 3, 5])))
    if rng.random() < 0.2:
        path += "/"
    names = [rng.choice(VALUES) or "name" for _ in range(rng.choice([0, 0, 1, 2, 4, 7]))]
    if names and rng.random() < 0.5:
        names.append(names[0])
    pairs = []
    for name in names:
        value = rng.choice(VALUES)
        bare = value == "" and rng.random() < 0.3
        pairs.append(encoded(name, "-_.~") + ("" if bare else "=" + encoded(value, "-_.~")))
    headers = [("Host", f"{service}.example.com:{4000 + index}")]
    headers += [h for h in HEADERS if h[0] != "x-amz-meta-ü" and rng.random() < 0.4]
    token = rng.choice(["", "", "FwoGZXIvYXdzE//token+with/slashes=="])
    form = rng.choice(["header", "header", "header", "query"])
    body = rng.choice(["", "{}", "body ü 🐑", "x" * 200])
    return {
        "method": rng.choice(["GET", "POST", "PUT", "DELETE", "HEAD"]),
        "path": path,
        "query": "&".join(pairs),
        "headers": headers,
        "body": body if form == "header" else "",  # botocore would move it into the query
        "region": rng.choice(REGIONS),
        "service": service,
        "access_key_id": f"AKID{index:04d}",
        "secret_access_key": rng.choice(["wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "test", "ü"]),
        "session_token": token,
        "form": form,
    }


def sign(vector):
    query, body = vector["query"], vector["body"].encode()
    request = AWSRequest(vector["method"], f"http://h{vector['path']}" + (f"?{query}" if query else ""), data=body)
    for name, value in vector["headers"]:
        request.headers[name] = value
    request.context["client_type"] = "x"
    credentials = Credentials(vector["access_key_id"], vector["secret_access_key"], vector["session_token"] or None)
    classes = {("header", True): botocore.auth.S3SigV4Auth, ("header", False): botocore.auth.SigV4Auth,
               ("query", True): botocore.auth.S3SigV4QueryAuth, ("query", False): botocore.auth.SigV4QueryAuth}
    signer = classes[vector["form"], vector["service"] == "s3"](credentials, vector["service"], vector["region"])
    seen = {}
    canonical, to_sign = signer.canonical_request, signer.string_to_sign
    signer.canonical_request = lambda r: seen.setdefault("canonical_request", canonical(r))
    signer.string_to_sign = lambda r, c: seen.setdefault("string_to_sign", to_sign(r, c))
    signer.add_auth(request)
    vector.update(seen)
    vector["payload_hash"] = seen["canonical_request"].rsplit("\n", 1)[1]
    if vector["form"] == "header":
        vector["authorization"] = request.headers["Authorization"]
        if vector["service"] == "s3":
            vector["headers"].append(("X-Amz-Content-SHA256", request.headers["X-Amz-Content-SHA256"]))
    else:
        # As a server sees it: the signature is part of the query.
        vector["query"] = urllib.parse.urlsplit(request.url).query
    return vector


vectors = []
for i in range(COUNT):
    vectors.append(sign(one(i)))
out = pathlib.Path(__file__).with_name("sigv4_vectors.json")
lines = ",\n".join(json.dumps(v, ensure_ascii=True) for v in vectors)
out.write_text('{"botocore": "%s", "now": "2026-11-24T11:29:04Z", "vectors": [\n%s\n]}\n' % (botocore.__version__, lines))
print(f"{len(vectors)} vectors in {out}")
