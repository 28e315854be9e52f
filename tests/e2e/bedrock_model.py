#!/usr/bin/env python3
"""What botocore's own model of Bedrock's runtime says of what we send and parse. Run by test_bedrock_model.py with a Python
whose botocore knows ConverseStream; prints JSON.

    bedrock_model.py version                    its version, or exit code 3 where it does not know the service
    bedrock_model.py validate < requests.json   problems of requests [{path, headers, body, raw}]: parameters, bytes, signature
    bedrock_model.py client URL                 what botocore's client reads from a stub at URL, streamed and whole
    bedrock_model.py events SEED                a stream of every kind of event and member that its shapes have
"""
import base64
import binascii
import datetime
import json
import random
import struct
import sys
import urllib.parse

import botocore
import botocore.auth
import botocore.session
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.eventstream import EventStreamBuffer
from botocore.serialize import create_serializer
from botocore.validate import ParamValidator


def service():
    session = botocore.session.get_session()
    if "bedrock-runtime" not in session.get_available_services():
        sys.exit(3)
    model = session.get_service_model("bedrock-runtime")
    if "ConverseStream" not in model.operation_names:
        sys.exit(3)
    return model


# ---- What we send


def signature_problem(request):
    """Signs the same request as botocore would; the keys are those of the test."""
    headers = request["headers"]
    authorization = headers["authorization"]
    if authorization.startswith("Bearer "):
        return None
    now = datetime.datetime.strptime(headers["x-amz-date"], "%Y%m%dT%H%M%SZ")
    botocore.auth.get_current_datetime = lambda *_, **__: now
    signed = authorization.split("SignedHeaders=")[1].split(",")[0].split(";")
    ours = AWSRequest("POST", f"http://{headers['host']}{request['path']}", data=request["raw"].encode())
    for name in signed:
        if name not in ("host", "x-amz-date"):
            ours.headers[name] = headers[name]
    region = authorization.split("Credential=")[1].split("/")[2]
    botocore.auth.SigV4Auth(Credentials("AKID", "secret"), "bedrock", region).add_auth(ours)
    theirs = ours.headers["Authorization"]
    return None if theirs == authorization else f"signature: {authorization} is not {theirs}"


def as_parameters(value, shape):
    """As a program gives it to botocore: blobs are bytes."""
    if getattr(shape, "is_document_type", False):
        return value
    if shape.type_name == "structure":
        return {name: as_parameters(one, shape.members[name]) if name in shape.members else one for name, one in value.items()}
    if shape.type_name == "list":
        return [as_parameters(one, shape.member) for one in value]
    return base64.b64decode(value, validate=True) if shape.type_name == "blob" else value


def problems_of(request, model):
    stream = request["path"].endswith("-stream")
    operation = model.operation_model("ConverseStream" if stream else "Converse")
    encoded = request["path"].split("/model/")[1].split("/")[0]
    parameters = {**as_parameters(request["body"], operation.input_shape), "modelId": urllib.parse.unquote(encoded)}
    report = ParamValidator().validate(parameters, operation.input_shape)
    problems = [report.generate_report()] if report.has_errors() else []
    problems += names_that_are_not(request["body"], operation.input_shape)
    if not problems:
        made = create_serializer("rest-json").serialize_to_request(parameters, operation)
        if json.loads(made["body"]) != request["body"]:
            problems.append("botocore makes another body of the same parameters")
        if made["url_path"] != "/model/" + encoded + ("/converse-stream" if stream else "/converse"):
            problems.append(f"botocore asks {made['url_path']}")
    problem = signature_problem(request)
    return problems + ([problem] if problem else [])


def names_that_are_not(value, shape, path="body"):
    """Members that the model does not have: the validator passes over them, the service does not."""
    if getattr(shape, "is_document_type", False):
        return []
    if shape.type_name == "structure":
        unknown = [f"{path}: no member {name}" for name in value if name not in shape.members]
        if getattr(shape, "is_tagged_union", False) and len(value) != 1:
            unknown.append(f"{path}: a union of {len(value)} members")
        return unknown + [p for name in value if name in shape.members
                          for p in names_that_are_not(value[name], shape.members[name], f"{path}.{name}")]
    if shape.type_name == "list":
        return [p for i, one in enumerate(value) for p in names_that_are_not(one, shape.member, f"{path}[{i}]")]
    if shape.type_name == "string" and shape.enum and value not in shape.enum:
        return [f"{path}: {value} is none of {shape.enum}"]
    return []


# ---- What we parse


def client_reads(url):
    client = botocore.session.get_session().create_client(
        "bedrock-runtime", region_name="eu-central-1", endpoint_url=url, aws_access_key_id="AKID", aws_secret_access_key="secret",
        config=Config(retries={"max_attempts": 0}))
    messages = [{"role": "user", "content": [{"text": "Hi"}]}]
    text, calls, stop, usage = "", {}, None, None
    for event in client.converse_stream(modelId="m:0", messages=messages)["stream"]:
        start = event.get("contentBlockStart", {})
        if "toolUse" in start.get("start", {}):
            calls[start["contentBlockIndex"]] = {"tool": start["start"]["toolUse"]["name"],
                                                 "id": start["start"]["toolUse"]["toolUseId"], "input": ""}
        delta = event.get("contentBlockDelta", {}).get("delta", {})
        text += delta.get("text", "")
        if "toolUse" in delta:
            calls[event["contentBlockDelta"]["contentBlockIndex"]]["input"] += delta["toolUse"]["input"]
        stop = event.get("messageStop", {}).get("stopReason", stop)
        usage = event.get("metadata", {}).get("usage", usage)
    for call in calls.values():
        call["input"] = json.loads(call["input"] or "{}")
    whole = client.converse(modelId="m:0", messages=messages)
    content = whole["output"]["message"]["content"]
    return {"streamed": {"text": text, "calls": list(calls.values()), "stop": stop, "usage": usage},
            "whole": {"text": "".join(block.get("text", "") for block in content), "stop": whole["stopReason"],
                      "calls": [{"tool": b["toolUse"]["name"], "id": b["toolUse"]["toolUseId"], "input": b["toolUse"]["input"]}
                                for b in content if "toolUse" in b]}}


def value_of(shape, rng, member=None):
    """A value that the shape allows; of a union the member that is given, or one of them."""
    if getattr(shape, "is_document_type", False):
        return {"any": [1, "thing"]}
    if shape.type_name == "structure":
        if getattr(shape, "is_tagged_union", False):
            name = member or rng.choice(list(shape.members))
            return {name: value_of(shape.members[name], rng)}
        return {name: value_of(one, rng) for name, one in shape.members.items()
                if name in shape.required_members or rng.random() < 0.3}
    if shape.type_name == "list":
        return [value_of(shape.member, rng)]
    if shape.type_name == "map":
        return {"key": value_of(shape.value, rng)}
    if shape.type_name == "string":
        return rng.choice(shape.enum) if shape.enum else rng.choice(["x", "tooluse_1", "name"])
    if shape.type_name == "blob":
        return base64.b64encode(rng.randbytes(5)).decode()
    if shape.type_name == "boolean":
        return rng.random() < 0.5
    if shape.type_name in ("float", "double"):
        return 0.5
    return rng.randrange(100, 500)


def frame(kind, payload):
    headers = {":event-type": kind, ":content-type": "application/json", ":message-type": "event"}
    encoded = b"".join(struct.pack("!B", len(n)) + n.encode() + b"\x07" + struct.pack("!H", len(v)) + v.encode()
                       for n, v in headers.items())
    data = json.dumps(payload).encode()
    prelude = struct.pack("!II", 16 + len(encoded) + len(data), len(encoded))
    message = prelude + struct.pack("!I", binascii.crc32(prelude)) + encoded + data
    return message + struct.pack("!I", binascii.crc32(message))


def all_events(model, seed):
    rng = random.Random(seed)
    shapes = model.operation_model("ConverseStream").output_shape.members["stream"].members
    start = shapes["contentBlockStart"].members["start"]
    delta = shapes["contentBlockDelta"].members["delta"]
    events = [("messageStart", {"role": "assistant"})]
    index = 0
    for kind in start.members:
        begun = value_of(start, rng, kind)
        events.append(("contentBlockStart", {"contentBlockIndex": index, "start": begun}))
        if kind == "toolUse":
            events.append(("contentBlockDelta", {"contentBlockIndex": index, "delta": {"toolUse": {"input": '{"a": 1}'}}}))
        events.append(("contentBlockStop", {"contentBlockIndex": index}))
        index += 1
    for kind in delta.members:
        if kind == "toolUse":
            continue
        events.append(("contentBlockDelta", {"contentBlockIndex": index, "delta": value_of(delta, rng, kind)}))
        events.append(("contentBlockStop", {"contentBlockIndex": index}))
        index += 1
    events.append(("messageStop", value_of(shapes["messageStop"], rng) | {"stopReason": "tool_use"}))
    events.append(("metadata", value_of(shapes["metadata"], rng)))
    data = b"".join(frame(kind, payload) for kind, payload in events)
    buffer = EventStreamBuffer()
    buffer.add_data(data)
    read = [(event.headers[":event-type"], json.loads(event.payload)) for event in buffer]
    assert read == events, "botocore does not read the stream as it was written"
    for kind, payload in events:
        problems = names_that_are_not(payload, shapes[kind])
        assert not problems, problems
    call = next(p["start"]["toolUse"] for k, p in events if k == "contentBlockStart" and "toolUse" in p["start"])
    usage = events[-1][1]["usage"]
    return {"data": base64.b64encode(data).decode(), "call": call, "usage": usage,
            "text": "".join(p["delta"].get("text", "") for k, p in events if k == "contentBlockDelta")}


def main():
    model = service()
    if sys.argv[1] == "version":
        answer = botocore.__version__
    elif sys.argv[1] == "validate":
        answer = [problems_of(request, model) for request in json.load(sys.stdin)]
    elif sys.argv[1] == "client":
        answer = client_reads(sys.argv[2])
    else:
        answer = all_events(model, int(sys.argv[2]))
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
