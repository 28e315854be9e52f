#!/usr/bin/env python3
"""A stub of three model services, scripted by JSON: Amazon Bedrock (Converse, ConverseStream), Anthropic Messages and
OpenAI chat completions, each with and without streaming, on one port of loopback. It plays what it is told and nothing
else; a request that breaks the rules of its wire format is refused with 400, as the service would.

In a test (see test_models.py):

    with ModelServer([{"calls": [{"tool": "s3_head", "input": {"bucket": "b", "key": "k"}}]}, {"text": "Done."}]) as models:
        ...  # model: {provider: openai, model: stub, url: models.url}; keys: any text
        assert models.requests[0]["body"]["model"] == "stub"

As a process: `model_server.py --port 0 --script turns.json` prints `http://127.0.0.1:PORT` on its first line.
`GET /stub/requests` gives what was asked, `GET /stub/left` the turns not played, `POST /stub/turns` replaces the script.

A script is a list of turns (or {"turns": [...]}). A request is answered by the first turn that has uses left and fits it:
    times      how often it is played: 1; 0 for ever
    model      the request's model is this;  contains: its body has this text;  turn: so many model turns are in its history
    wire       "bedrock", "anthropic" or "openai"
None fits: 400, "the script has no turn for this request".

What a turn answers:
    text       the text of the answer;  thinking: reasoning before it, signed (bedrock, anthropic)
    calls      tool calls: {"tool": NAME, "input": {...}}; "id" is made up unless given ("" sends none, openai);
               "arguments": "..." instead of input is sent as it is, broken JSON or not. Tools are not checked: unknown names go out
    end        why it ends: answer, tool_calls, max_tokens, context_full, refusal, guardrail, paused; by default as fits
    usage      {"input", "output", "cache_read", "cache_write"}; some by default
    raw        base64 of the body of a stream, sent as it is instead of an answer
    delay      seconds before the first byte;  pace: seconds between pieces of a stream;  pieces: of each text, 3
    fault      instead of, or in the middle of, the answer:
        throttle (retry_after: seconds, retry_after_ms), overloaded, server_error, model_timeout, not_ready, auth, forbidden,
        not_found, invalid, context_full, too_large, quota    the service's error answer;  should_retry: x-should-retry
        http           status, body (text or JSON), headers as given
        error_in_stream  kind (one of the above) after `after` events (default 2) of an answer that began well
        cut            the connection ends after `after` events (without a stream: in the middle of the body)
        stall          silence after `after` events, for `seconds` (3600)
        hang           no answer for `seconds` (3600);  close: the connection ends without an answer
        garbage        an answer that is none (bedrock streams: a wrong CRC)
"""
import argparse
import base64
import binascii
import json
import re
import struct
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ENDS = {
    "bedrock": {"answer": "end_turn", "tool_calls": "tool_use", "max_tokens": "max_tokens", "refusal": "content_filtered",
                "context_full": "model_context_window_exceeded", "guardrail": "guardrail_intervened", "paused": "end_turn"},
    "anthropic": {"answer": "end_turn", "tool_calls": "tool_use", "max_tokens": "max_tokens", "refusal": "refusal",
                  "context_full": "model_context_window_exceeded", "guardrail": "refusal", "paused": "pause_turn"},
    "openai": {"answer": "stop", "tool_calls": "tool_calls", "max_tokens": "length", "refusal": "content_filter",
               "context_full": "length", "guardrail": "content_filter", "paused": "stop"},
}
# Of each fault: (status, type, message) by wire format.
FAULTS = {
    "throttle": {"bedrock": (429, "ThrottlingException", "Too many requests, please wait before trying again."),
                 "anthropic": (429, "rate_limit_error", "Number of request tokens has exceeded your per-minute rate limit"),
                 "openai": (429, "rate_limit_exceeded", "Rate limit reached for requests")},
    "overloaded": {"bedrock": (503, "ServiceUnavailableException", "The service is temporarily unable to handle the request."),
                   "anthropic": (529, "overloaded_error", "Overloaded"),
                   "openai": (503, "server_error", "The engine is currently overloaded, please try again later")},
    "server_error": {"bedrock": (500, "InternalServerException", "The system encountered an unexpected error."),
                     "anthropic": (500, "api_error", "Internal server error"),
                     "openai": (500, "server_error", "The server had an error while processing your request.")},
    "model_timeout": {"bedrock": (408, "ModelTimeoutException", "Model has timed out in processing the request."),
                      "anthropic": (504, "timeout_error", "Request timed out"),
                      "openai": (504, "timeout", "Request timed out")},
    "not_ready": {"bedrock": (429, "ModelNotReadyException", "The model is not ready for inference."),
                  "anthropic": (529, "overloaded_error", "Overloaded"),
                  "openai": (503, "unavailable_error", "Loading model")},
    "auth": {"bedrock": (403, "UnrecognizedClientException", "The security token included in the request is invalid."),
             "anthropic": (401, "authentication_error", "invalid x-api-key"),
             "openai": (401, "invalid_api_key", "Incorrect API key provided.")},
    "forbidden": {"bedrock": (403, "AccessDeniedException", "You don't have access to the model with the specified model ID."),
                  "anthropic": (403, "permission_error", "Your API key does not have permission to use the specified resource."),
                  "openai": (403, "unsupported_country_region_territory", "Country, region, or territory not supported")},
    "not_found": {"bedrock": (404, "ResourceNotFoundException", "Could not resolve the foundation model from the given id."),
                  "anthropic": (404, "not_found_error", "model: stub"),
                  "openai": (404, "model_not_found", "The model does not exist or you do not have access to it.")},
    "invalid": {"bedrock": (400, "ValidationException", "The value is not valid."),
                "anthropic": (400, "invalid_request_error", "messages: the value is not valid"),
                "openai": (400, "invalid_value", "Invalid value")},
    "context_full": {"bedrock": (400, "ValidationException", "Input is too long for requested model."),
                     "anthropic": (400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
                     "openai": (400, "context_length_exceeded", "This model's maximum context length is 8192 tokens.")},
    "too_large": {"bedrock": (413, "RequestEntityTooLargeException", "Request too large."),
                  "anthropic": (413, "request_too_large", "Request exceeds the maximum size"),
                  "openai": (413, "request_too_large", "Request too large.")},
    "quota": {"bedrock": (400, "ServiceQuotaExceededException", "Too many tokens per day, please wait before trying again."),
              "anthropic": (400, "billing_error", "Your credit balance is too low to access the API."),
              "openai": (429, "insufficient_quota", "You exceeded your current quota, please check your plan.")},
}
BEDROCK_STREAM_ERRORS = {"throttle": "throttlingException", "overloaded": "serviceUnavailableException",
                         "server_error": "internalServerException", "model_timeout": "modelStreamErrorException",
                         "invalid": "validationException", "context_full": "validationException"}
USAGE = {"input": 100, "output": 20, "cache_read": 0, "cache_write": 0}


class Refused(Exception):
    """A request that breaks the rules of its wire format."""


# ---- What was asked -----------------------------------------------------------------------------------------------------


def wire_of(path):
    if re.search(r"/model/[^/]+/converse(-stream)?$", path):
        return "bedrock"
    return {"messages": "anthropic", "completions": "openai"}.get(path.rsplit("/", 1)[-1])


def require(condition, why):
    if not condition:
        raise Refused(why)


def blocks(message):
    content = message.get("content")
    if isinstance(content, str):
        require(content, "text content blocks must be non-empty")
        return [{"type": "text", "text": content}]
    require(isinstance(content, list) and content, f"content of a {message.get('role')} message must not be empty")
    return content


def check_alternation(messages):
    require(messages and messages[0]["role"] == "user", "a conversation must start with a user message")
    for number, message in enumerate(messages):
        require(message["role"] == ("user", "assistant")[number % 2], "roles must alternate between user and assistant")
    require(messages[-1]["role"] == "user", "a conversation must end with a user message")


def check_results(messages, calls_of, results_of):
    """Each call of a message is answered in the next one, each once; nothing else is answered."""
    for number, message in enumerate(messages):
        calls = calls_of(message) if message["role"] == "assistant" else []
        require(len(set(calls)) == len(calls), "tool use ids must be unique in a message")
        answered = results_of(messages[number + 1]) if number + 1 < len(messages) else []
        if message["role"] == "assistant":
            require(sorted(calls) == sorted(answered), f"calls {calls} are answered by {answered} in the next message")
    require(not results_of(messages[0]), "a result without its call")


def check_bedrock(headers, body, path):
    authorization = headers.get("authorization", "")
    signed = authorization.startswith("AWS4-HMAC-SHA256 ") and "/bedrock/aws4_request" in authorization
    require(signed or authorization.startswith("Bearer "), "Missing Authentication Token")
    require("model" not in body and "stream" not in body, "extraneous key")
    messages = body["messages"]
    check_alternation(messages)
    kinds = [next(iter(block)) for message in messages for block in blocks(message)]
    for message in messages + [{"role": "system", "content": body["system"]}] if body.get("system") else messages:
        for block in blocks(message):
            require(len(block) == 1, "a content block has one member")
            require(block.get("text", "x").strip(), "The text field in the ContentBlock object is blank")
    check_results(messages, lambda m: [b["toolUse"]["toolUseId"] for b in m["content"] if "toolUse" in b],
                  lambda m: [b["toolResult"]["toolUseId"] for b in m["content"] if "toolResult" in b])
    has_tools = any(kind in ("toolUse", "toolResult") for kind in kinds)
    require(not has_tools or "toolConfig" in body, "The toolConfig field must be defined when using toolUse and toolResult")
    return urllib.parse.unquote(path.split("/model/")[1].split("/")[0]), path.endswith("-stream")


def check_anthropic(headers, body, _):
    require(headers.get("x-api-key") or headers.get("authorization", "").startswith("Bearer "), "x-api-key header is required")
    version = headers.get("anthropic-version")
    require(version in ("2023-06-01", "2026-10-21"), "anthropic-version: header is required")
    for name in ("temperature", "top_p", "top_k"):
        require(version == "2023-06-01" or name not in body, f"{name}: Extra inputs are not permitted")
    require(isinstance(body.get("max_tokens"), int), "max_tokens: Field required")
    messages = body["messages"]
    check_alternation(messages)
    for message in messages:
        kinds = [block["type"] for block in blocks(message)]
        results = kinds.count("tool_result")
        require(kinds[:results] == ["tool_result"] * results, "tool_result blocks come first in a message")
        for block in blocks(message):
            require(block["type"] != "text" or block["text"].strip(), "messages: text content blocks must contain non-whitespace text")
    check_results(messages, lambda m: [b["id"] for b in blocks(m) if b["type"] == "tool_use"],
                  lambda m: [b["tool_use_id"] for b in blocks(m) if b["type"] == "tool_result"])
    require(json.dumps(body).count('"cache_control"') <= 4, "A maximum of 4 blocks with cache_control may be provided.")
    return body["model"], bool(body.get("stream"))


def check_openai(_, body, __):
    messages = body["messages"]
    require(messages, "[] is too short - 'messages'")
    open_calls = []
    for message in messages:
        if message["role"] == "tool":
            require(message["tool_call_id"] in open_calls, "a tool message must follow a message with its tool_calls")
            require(isinstance(message["content"], str), "content of a tool message is text")
            open_calls.remove(message["tool_call_id"])
            continue
        require(not open_calls, f"tool_call_ids did not have response messages: {open_calls}")
        require(message.get("content") or message.get("tool_calls"), "a message needs content")
        open_calls = [call["id"] for call in message.get("tool_calls", [])]
        for call in message.get("tool_calls", []):
            require(isinstance(json.loads(call["function"]["arguments"]), dict), "arguments must be the text of an object")
    require(not open_calls, f"tool_call_ids did not have response messages: {open_calls}")
    require(body.get("tools") != [], "[] is too short - 'tools'")
    require("stream_options" not in body or body.get("stream"), "stream_options is only allowed with stream")
    return body["model"], bool(body.get("stream"))


CHECKS = {"bedrock": check_bedrock, "anthropic": check_anthropic, "openai": check_openai}


# ---- What is answered ---------------------------------------------------------------------------------------------------


def usage_of(turn):
    return {**USAGE, **turn.get("usage", {})}


def end_of(turn, wire):
    end = turn.get("end") or ("tool_calls" if turn.get("calls") else "answer")
    return ENDS[wire][end]


def pieces_of(turn, text):
    count = max(1, min(turn.get("pieces", 3), len(text)))
    size = -(-len(text) // count) or 1
    return [text[i:i + size] for i in range(0, len(text), size)] or [""]


def arguments_of(call):
    return call["arguments"] if "arguments" in call else json.dumps(call.get("input", {}))


def calls_of(turn, number):
    return [{**call, "id": call.get("id", f"call_{number}_{i}")} for i, call in enumerate(turn.get("calls", []))]


def input_of(call):
    """Where the wire has a value and not its text: broken JSON can only be text."""
    try:
        return json.loads(arguments_of(call))
    except ValueError:
        return call["arguments"]


def bedrock_usage(turn):
    used = usage_of(turn)
    return {"inputTokens": used["input"], "outputTokens": used["output"], "totalTokens": sum(used.values()),
            "cacheReadInputTokens": used["cache_read"], "cacheWriteInputTokens": used["cache_write"]}


def bedrock_answer(turn, calls, _):
    content = []
    if turn.get("thinking"):
        content.append({"reasoningContent": {"reasoningText": {"text": turn["thinking"], "signature": "c2lnbmVk"}}})
    if turn.get("text"):
        content.append({"text": turn["text"]})
    content += [{"toolUse": {"toolUseId": c["id"], "name": c["tool"], "input": input_of(c)}} for c in calls]
    return {"output": {"message": {"role": "assistant", "content": content}}, "stopReason": end_of(turn, "bedrock"),
            "usage": bedrock_usage(turn), "metrics": {"latencyMs": 1}}


def bedrock_frame(headers, payload):
    """Source: https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html#streaming-event-stream"""
    encoded = b"".join(struct.pack("!B", len(n)) + n.encode() + b"\x07" + struct.pack("!H", len(v)) + v.encode()
                       for n, v in headers.items())
    prelude = struct.pack("!II", 16 + len(encoded) + len(payload), len(encoded))
    message = prelude + struct.pack("!I", binascii.crc32(prelude)) + encoded + payload
    return message + struct.pack("!I", binascii.crc32(message))


def bedrock_event(kind, payload):
    return bedrock_frame({":event-type": kind, ":content-type": "application/json", ":message-type": "event"},
                         json.dumps({**payload, "p": "abcd"}).encode())  # "p" pads, as the service does


def bedrock_events(turn, calls, _):
    yield bedrock_event("messageStart", {"role": "assistant"})
    index = 0

    def block(start, deltas):
        if start:
            yield bedrock_event("contentBlockStart", {"start": start, "contentBlockIndex": index})
        for delta in deltas:
            yield bedrock_event("contentBlockDelta", {"delta": delta, "contentBlockIndex": index})
        yield bedrock_event("contentBlockStop", {"contentBlockIndex": index})

    if turn.get("thinking"):
        deltas = [{"reasoningContent": {"text": piece}} for piece in pieces_of(turn, turn["thinking"])]
        yield from block(None, deltas + [{"reasoningContent": {"signature": "c2lnbmVk"}}])
        index += 1
    if turn.get("text"):
        yield from block(None, [{"text": piece} for piece in pieces_of(turn, turn["text"])])
        index += 1
    for call in calls:
        yield from block({"toolUse": {"toolUseId": call["id"], "name": call["tool"]}},
                         [{"toolUse": {"input": piece}} for piece in pieces_of(turn, arguments_of(call))])
        index += 1
    yield bedrock_event("messageStop", {"stopReason": end_of(turn, "bedrock")})
    yield bedrock_event("metadata", {"usage": bedrock_usage(turn), "metrics": {"latencyMs": 1}})


def anthropic_usage(turn):
    used = usage_of(turn)
    return {"input_tokens": used["input"], "cache_creation_input_tokens": used["cache_write"],
            "cache_read_input_tokens": used["cache_read"], "output_tokens": used["output"]}


def anthropic_answer(turn, calls, model):
    content = []
    if turn.get("thinking"):
        content.append({"type": "thinking", "thinking": turn["thinking"], "signature": "c2lnbmVk"})
    if turn.get("text"):
        content.append({"type": "text", "text": turn["text"]})
    content += [{"type": "tool_use", "id": c["id"], "name": c["tool"], "input": input_of(c)} for c in calls]
    return {"id": "msg_1", "type": "message", "role": "assistant", "model": model, "content": content,
            "stop_reason": end_of(turn, "anthropic"), "stop_sequence": None, "usage": anthropic_usage(turn)}


def sse(payload, name=None):
    return ((f"event: {name}\n" if name else "") + f"data: {payload if isinstance(payload, str) else json.dumps(payload)}\n\n").encode()


def anthropic_events(turn, calls, model):
    def event(kind, **members):
        return sse({"type": kind, **members}, kind)

    start = {**anthropic_answer({}, [], model), "stop_reason": None, "usage": {**anthropic_usage(turn), "output_tokens": 1}}
    yield event("message_start", message=start)
    yield event("ping")
    index = 0

    def block(first, deltas):
        yield event("content_block_start", index=index, content_block=first)
        for delta in deltas:
            yield event("content_block_delta", index=index, delta=delta)
        yield event("content_block_stop", index=index)

    if turn.get("thinking"):
        deltas = [{"type": "thinking_delta", "thinking": piece} for piece in pieces_of(turn, turn["thinking"])]
        yield from block({"type": "thinking", "thinking": "", "signature": ""},
                         deltas + [{"type": "signature_delta", "signature": "c2lnbmVk"}])
        index += 1
    if turn.get("text"):
        yield from block({"type": "text", "text": ""},
                         [{"type": "text_delta", "text": piece} for piece in pieces_of(turn, turn["text"])])
        index += 1
    for call in calls:
        yield from block({"type": "tool_use", "id": call["id"], "name": call["tool"], "input": {}},
                         [{"type": "input_json_delta", "partial_json": piece} for piece in ["", *pieces_of(turn, arguments_of(call))]])
        index += 1
    yield event("message_delta", delta={"stop_reason": end_of(turn, "anthropic"), "stop_sequence": None},
                usage={"output_tokens": usage_of(turn)["output"]})
    yield event("message_stop")


def openai_usage(turn):
    used = usage_of(turn)
    prompt = used["input"] + used["cache_read"] + used["cache_write"]
    return {"prompt_tokens": prompt, "completion_tokens": used["output"], "total_tokens": prompt + used["output"],
            "prompt_tokens_details": {"cached_tokens": used["cache_read"]}}


def openai_call(call):
    named = {"id": call["id"]} if call["id"] else {}
    return {**named, "type": "function", "function": {"name": call["tool"], "arguments": arguments_of(call)}}


def openai_answer(turn, calls, model):
    message = {"role": "assistant", "content": turn.get("text") or None}
    if calls:
        message["tool_calls"] = [openai_call(call) for call in calls]
    return {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": model,
            "choices": [{"index": 0, "message": message, "finish_reason": end_of(turn, "openai")}], "usage": openai_usage(turn)}


def openai_events(turn, calls, model):
    def chunk(delta=None, finish=None, **more):
        choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
        return sse({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": model, "choices": choices, **more})

    yield chunk({"role": "assistant", "content": ""})
    if turn.get("text"):
        for piece in pieces_of(turn, turn["text"]):
            yield chunk({"content": piece})
    for index, call in enumerate(calls):
        first = openai_call(call)
        first["function"]["arguments"] = ""
        yield chunk({"tool_calls": [{"index": index, **first}]})
        for piece in pieces_of(turn, arguments_of(call)):
            yield chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
    yield chunk({}, end_of(turn, "openai"))
    yield chunk(usage=openai_usage(turn))
    yield sse("[DONE]")


ANSWERS = {"bedrock": bedrock_answer, "anthropic": anthropic_answer, "openai": openai_answer}
EVENTS = {"bedrock": bedrock_events, "anthropic": anthropic_events, "openai": openai_events}


def error_body(wire, status, kind, message):
    if wire == "bedrock":
        return {"message": message}
    if wire == "anthropic":
        return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}
    general = "invalid_request_error" if status in (400, 401, 403, 404, 413) else kind
    return {"error": {"message": message, "type": general, "param": None, "code": kind}}


def error_event(wire, fault):
    status, kind, message = FAULTS[fault][wire]
    if wire == "bedrock":
        name = BEDROCK_STREAM_ERRORS[fault]
        return bedrock_frame({":exception-type": name, ":content-type": "application/json", ":message-type": "exception"},
                             json.dumps({"message": message}).encode())
    return sse(error_body(wire, status, kind, message), "error" if wire == "anthropic" else None)


# ---- The server ---------------------------------------------------------------------------------------------------------


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    @property
    def models(self):
        return self.server.models

    def reply(self, status, body, headers=None, kind="application/json"):
        data = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **(headers or {})}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        if self.path == "/stub/requests":
            self.reply(200, self.models.requests)
        elif self.path == "/stub/left":
            self.reply(200, self.models.left())
        else:
            self.reply(404, {"message": "no such page"})

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = self.path.split("?")[0]
        if path == "/stub/turns":
            self.models.play(json.loads(raw))
            self.reply(200, {})
            return
        wire = wire_of(path)
        if wire is None:
            self.reply(404, {"message": f"no model service at {path}"})
            return
        try:
            self.answer(wire, path, raw)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def refuse(self, wire, why):
        status, kind, _ = FAULTS["invalid"][wire]
        self.reply(status, error_body(wire, status, kind, why), {"x-amzn-ErrorType": kind} if wire == "bedrock" else {})

    def answer(self, wire, path, raw):
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            body = json.loads(raw)
            model, streams = CHECKS[wire](headers, body, path)
        except (Refused, ValueError, KeyError, TypeError) as problem:
            self.models.refusals.append(str(problem))
            self.refuse(wire, f"{type(problem).__name__}: {problem}")
            return
        turn, number = self.models.take(wire, model, body, raw.decode(), headers, path)
        if turn is None:
            self.refuse(wire, "the script has no turn for this request")
            return
        time.sleep(turn.get("delay", 0))
        fault = turn.get("fault")
        if fault in FAULTS:
            self.error(wire, turn)
        elif fault == "http":
            kind = "application/json" if not isinstance(turn.get("body"), str) else "text/html"
            self.reply(turn["status"], turn.get("body", ""), turn.get("headers"), kind)
        elif fault == "hang":
            self.models.stopping.wait(turn.get("seconds", 3600))
            self.close_connection = True
        elif fault == "close":
            self.close_connection = True
        elif streams:
            self.stream(wire, turn, calls_of(turn, number), model)
        else:
            self.whole(wire, turn, calls_of(turn, number), model)

    def error(self, wire, turn):
        status, kind, message = FAULTS[turn["fault"]][wire]
        headers = {"x-amzn-ErrorType": kind + ":http://internal.amazon.com/"} if wire == "bedrock" else {}
        for setting, name in {"retry_after": "Retry-After", "retry_after_ms": "retry-after-ms", "should_retry": "x-should-retry"}.items():
            if setting in turn:
                headers[name] = str(turn[setting]).lower()
        self.reply(status, error_body(wire, status, kind, turn.get("message", message)), headers)

    def whole(self, wire, turn, calls, model):
        data = json.dumps(ANSWERS[wire](turn, calls, model)).encode()
        fault = turn.get("fault")
        if fault == "garbage":
            data = b'{"output": nothing'
        if fault not in ("cut", "stall", "error_in_stream"):
            self.reply(200, data)
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[:len(data) // 2])
        if fault == "stall":
            self.models.stopping.wait(turn.get("seconds", 3600))
        self.close_connection = True

    def chunk(self, data):
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def stream(self, wire, turn, calls, model):
        self.send_response(200)
        self.send_header("Content-Type", "application/vnd.amazon.eventstream" if wire == "bedrock" else "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        fault = turn.get("fault")
        events = [base64.b64decode(turn["raw"])] if "raw" in turn else EVENTS[wire](turn, calls, model)
        for number, event in enumerate(events):
            if fault and number == turn.get("after", 2):
                if not self.break_stream(wire, turn, event):
                    return
            self.chunk(event)
            if turn.get("pace"):
                time.sleep(turn["pace"])
        self.chunk(b"")

    def break_stream(self, wire, turn, event):
        """False when the stream is over."""
        fault = turn["fault"]
        if fault == "error_in_stream":
            self.chunk(error_event(wire, turn.get("kind", "overloaded")))
            self.chunk(b"")
            return False
        if fault == "garbage":
            self.chunk(event[:-1] + bytes([event[-1] ^ 1]) if wire == "bedrock" else b"data: {\"type\": nothing\n\n")
            self.chunk(b"")
            return False
        if fault == "stall":
            self.models.stopping.wait(turn.get("seconds", 3600))
        else:  # cut, in the middle of an event
            self.wfile.write(f"{len(event):x}\r\n".encode() + event[:len(event) // 2])
            self.wfile.flush()
        self.close_connection = True
        return False


class Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024  # a thousand runs may ask at once

    def handle_error(self, *_):
        pass


class ModelServer:
    """The stub; `requests` are those it took: {wire, model, turn, path, headers, body}."""

    def __init__(self, turns=(), port=0):
        self.requests = []
        self.refusals = []  # why requests were refused for their form
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.play(list(turns))
        self.listener = Listener(("127.0.0.1", port), Handler)
        self.listener.models = self
        self.url = f"http://127.0.0.1:{self.listener.server_address[1]}"
        self.thread = threading.Thread(target=self.listener.serve_forever, args=(0.05,), daemon=True)

    def play(self, turns):
        with self.lock:
            self.turns = [dict(turn) for turn in (turns["turns"] if isinstance(turns, dict) else turns)]
            self.played = [0] * len(self.turns)

    def left(self):
        return [turn for turn, played in zip(self.turns, self.played) if turn.get("times", 1) > played]

    def take(self, wire, model, body, raw, headers, path):
        depth = sum(1 for message in body["messages"] if message["role"] == "assistant")
        with self.lock:
            self.requests.append({"wire": wire, "model": model, "turn": depth, "path": path, "headers": headers, "body": body,
                                  "raw": raw, "at": time.time()})
            for number, turn in enumerate(self.turns):
                fits = (turn.get("times", 1) in (0,) or self.played[number] < turn.get("times", 1)) and \
                    turn.get("model", model) == model and turn.get("contains", "") in raw and \
                    turn.get("turn", depth) == depth and turn.get("wire", wire) == wire
                if fits:
                    self.played[number] += 1
                    return turn, len(self.requests)
        return None, 0

    def start(self):
        self.thread.start()
        return self

    def stop(self):
        self.stopping.set()
        self.listener.shutdown()
        self.listener.server_close()

    __enter__ = start

    def __exit__(self, *_):
        self.stop()


def main():
    parser = argparse.ArgumentParser(description="A stub of model services; see the head of this file.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--script", help="file with the turns; - reads standard input")
    options = parser.parse_args()
    turns = []
    if options.script:
        with (sys.stdin if options.script == "-" else open(options.script, encoding="utf-8")) as script:
            turns = json.load(script)
    with ModelServer(turns, options.port) as models:
        print(models.url, flush=True)
        models.thread.join()


if __name__ == "__main__":
    main()
