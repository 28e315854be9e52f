"""Models behind services, asked over HTTP: whole conversations, and everything that goes wrong on the way."""
import socket

import pytest

from asking import WIRES, ask, conversation
from model_server import ModelServer

# As include/ebagent/result.hpp numbers them.
INVALID_ARGUMENT, MALFORMED, NOT_FOUND, LIMIT_EXCEEDED, CONFLICT, UNAVAILABLE, OVERLOADED, TIMED_OUT = 0, 1, 2, 4, 5, 6, 7, 8

wires = pytest.mark.parametrize("wire", WIRES)
ways = pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])


def played(*turns):
    return ModelServer(turns)


@wires
@ways
def test_a_conversation_with_tools_goes_to_its_end(wire, stream):
    calls = [{"tool": "head", "input": {"key": "ü \"x\""}}, {"tool": "unknown_tool", "input": {}}]
    with played({"text": "I look at ü.", "thinking": "Let me see.", "calls": calls}, {"text": "It is there."}) as models:
        first = ask(models, wire, stream=stream)
        turn = first["turn"]
        exchange = {"turn": turn, "outcomes": [{"value": {"size": 7}}, {"error": "There is no such tool."}],
                    "feedback": "One turn is left."}
        second = ask(models, wire, conversation(exchanges=[exchange]), stream=stream)

        assert turn["text"] == "I look at ü."
        assert [(c["tool"], c["input"], c["malformed"]) for c in turn["calls"]] == [
            ("head", {"key": "ü \"x\""}, ""), ("unknown_tool", {}, "")]
        assert turn["end"] == "tool_calls"
        assert turn["usage"] == {"input": 100, "output": 20, "cache_read": 0, "cache_write": 0}
        assert "".join(first["pieces"]) == ("I look at ü." if stream else "")
        assert (turn["content"] is not None) == (wire != "openai")  # signed thinking goes back
        assert second["turn"]["text"] == "It is there."
        assert second["turn"]["end"] == "answer"
        assert models.requests[1]["turn"] == 1
        assert models.left() == []
        assert ("Let me see." in models.requests[1]["raw"]) == (wire != "openai")


@wires
def test_a_history_of_another_service_is_understood(wire):
    with played({"calls": [{"tool": "head", "input": {"key": "k"}}], "thinking": "hm", "times": 0}) as models:
        for maker in WIRES:
            turn = ask(models, maker)["turn"]
            exchange = {"turn": turn, "outcomes": [{"value": "found"}]}
            assert ask(models, wire, conversation(exchanges=[exchange] * 3))["turn"]["calls"]


@wires
@ways
def test_what_is_throttled_is_asked_again_when_the_service_says(wire, stream):
    with played({"fault": "throttle", "retry_after": 1}, {"fault": "overloaded"}, {"text": "Done."}) as models:
        report = ask(models, wire, stream=stream)

        assert report["turn"]["text"] == "Done."
        assert report["restarts"] == 2
        waits = [later["at"] - earlier["at"] for earlier, later in zip(models.requests, models.requests[1:])]
        assert 0.99 < waits[0] < 3
        assert models.requests[0]["raw"] == models.requests[2]["raw"]


@wires
@ways
@pytest.mark.parametrize("fault", [
    {"fault": "server_error"}, {"fault": "not_ready"}, {"fault": "model_timeout"}, {"fault": "close"}, {"fault": "garbage"},
    {"fault": "cut", "after": 1}, {"fault": "cut", "after": 3}, {"fault": "http", "status": 502, "body": "<html>"}],
    ids=lambda fault: " ".join(map(str, fault.values())))
def test_what_may_pass_is_asked_again_as_a_whole(wire, stream, fault):
    with played({"text": "lost", **fault}, {"text": "Kept."}) as models:
        report = ask(models, wire, stream=stream)

        assert report["turn"]["text"] == "Kept."
        assert report["restarts"] == 1
        assert len(models.requests) == 2


@wires
@pytest.mark.parametrize("kind, code", [("throttle", OVERLOADED), ("server_error", UNAVAILABLE), ("invalid", INVALID_ARGUMENT)])
def test_an_error_in_the_middle_of_a_stream_ends_the_turn(wire, kind, code):
    broken = {"text": "never seen", "fault": "error_in_stream", "kind": kind, "after": 3, "times": 0}
    with played(broken) as models:
        report = ask(models, wire, attempts=2)

        assert report["error"]["code"] == code
        assert len(models.requests) == (1 if kind == "invalid" else 2)


@wires
@pytest.mark.parametrize("fault, code", [("auth", INVALID_ARGUMENT), ("forbidden", INVALID_ARGUMENT), ("not_found", NOT_FOUND),
                                         ("invalid", INVALID_ARGUMENT), ("quota", LIMIT_EXCEEDED)])
def test_what_will_not_pass_is_not_asked_again(wire, fault, code):
    with played({"fault": fault}) as models:
        report = ask(models, wire)

        assert report["error"]["code"] == code
        assert len(models.requests) == 1


@wires
@ways
@pytest.mark.parametrize("played_turn, end", [
    ({"fault": "context_full"}, "context_full"), ({"fault": "too_large"}, "context_full"),
    ({"text": "Cut off he", "end": "max_tokens"}, "max_tokens"), ({"text": "No.", "end": "refusal"}, "refusal")],
    ids=["context_full", "too_large", "max_tokens", "refusal"])
def test_a_turn_says_why_it_ended(wire, stream, played_turn, end):
    with played(played_turn) as models:
        report = ask(models, wire, stream=stream)

        assert report["turn"]["end"] == end
        assert report["turn"]["text"] == played_turn.get("text", "")


def test_a_guardrail_that_intervenes_is_named():
    with played({"text": "Sorry, I cannot.", "end": "guardrail"}) as models:
        report = ask(models, "bedrock", guardrail_id="gr1", guardrail_version="2")

        assert report["turn"]["end"] == "guardrail"
        assert models.requests[0]["body"]["guardrailConfig"] == {"guardrailIdentifier": "gr1", "guardrailVersion": "2"}


@wires
@ways
def test_broken_arguments_are_kept_and_given_back_as_none(wire, stream):
    with played({"calls": [{"tool": "head", "arguments": "{\"key\": \"k"}]}, {"text": "Sorry."}) as models:
        turn = ask(models, wire, stream=stream)["turn"]
        exchange = {"turn": turn, "outcomes": [{"error": "These arguments are no JSON."}]}
        second = ask(models, wire, conversation(exchanges=[exchange]), stream=stream)

        assert turn["calls"][0]["malformed"] == "{\"key\": \"k"
        assert turn["calls"][0]["input"] == {}
        assert second["turn"]["text"] == "Sorry."  # the stub has checked that each call is answered


def test_calls_without_ids_get_ids_that_stay_the_same():
    with played({"calls": [{"tool": "head", "input": {"key": "k"}, "id": ""}]}, {"text": "a"}, {"text": "b"}) as models:
        turn = ask(models, "openai")["turn"]
        talk = conversation(exchanges=[{"turn": turn, "outcomes": [{"value": 1}]}])
        ask(models, "openai", talk)
        ask(models, "openai", talk)

        assert turn["calls"][0]["id"] == ""
        assert models.requests[1]["raw"] == models.requests[2]["raw"]


@wires
def test_a_stream_that_falls_silent_is_given_up(wire):
    with played({"text": "never", "fault": "stall", "after": 2}, {"fault": "hang"}) as models:
        report = ask(models, wire, timeout=1, attempts=2)

        assert report["error"]["code"] == TIMED_OUT
        assert report["seconds"] < 10


def test_a_slow_stream_is_not_silent():
    with played({"text": "slow but steady", "pace": 0.3, "pieces": 6}) as models:
        report = ask(models, "anthropic", timeout=1)

        assert report["turn"]["text"] == "slow but steady"
        assert report["seconds"] > 2
        assert len(models.requests) == 1


@wires
@ways
def test_the_deadline_of_a_turn_holds(wire, stream):
    with played({"fault": "hang", "times": 0}) as models:
        report = ask(models, wire, stream=stream, deadline_ms=700)

        assert report["error"]["code"] == TIMED_OUT
        assert report["seconds"] < 3

    with played({"fault": "throttle", "retry_after": 30, "times": 0}) as models:
        report = ask(models, wire, stream=stream, deadline_ms=700)

        assert report["error"]["code"] == OVERLOADED
        assert report["seconds"] < 0.7


@wires
def test_a_turn_can_be_cancelled_while_the_model_thinks(wire):
    with played({"fault": "hang", "times": 0}) as models:
        report = ask(models, wire, cancel_after_ms=300)

        assert report["error"]["code"] == CONFLICT
        assert report["seconds"] < 5


@wires
def test_a_service_that_is_down_is_unavailable(wire):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))

        class Gone:
            url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
            refusals = []

        report = ask(Gone, wire, attempts=2)

        assert report["error"]["code"] == UNAVAILABLE
        assert "127.0.0.1" in report["error"]["message"]


@wires
def test_a_missing_key_is_said_at_the_turn(wire):
    with played() as models:
        report = ask(models, wire, api_key="env:NOT_THERE")

        assert report["error"] == {"code": INVALID_ARGUMENT, "message": "There is no key in environment variable NOT_THERE."}
        assert models.requests == []


def test_a_thousand_turns_wait_at_once_in_little_memory():
    with played({"text": "Done.", "delay": 4, "times": 0}) as models:
        report = ask(models, "openai", threads=1000, attempts=1)

        assert report["turns"] == 1000
        assert len(models.requests) == 1000
        # Of each: a thread, a connection, libcurl's buffers.
        assert report["kilobytes_most"] - report["kilobytes_before"] < 100 * 1000
