"""What we send to Bedrock and parse of it, held against botocore's own model of the service."""
import json
import subprocess
import sys
from pathlib import Path

import pytest

from asking import ask, conversation
from model_server import ModelServer

SCRIPT = Path(__file__).with_name("bedrock_model.py")
PYTHONS = [sys.executable, "/root/.pyenv/shims/python3"]


@pytest.fixture(scope="module")
def botocore():
    """Runs the script with a Python whose botocore knows ConverseStream."""
    for python in PYTHONS:
        try:
            known = subprocess.run([python, SCRIPT, "version"], capture_output=True, text=True, timeout=60, check=False)
        except OSError:
            continue
        if known.returncode == 0:
            def run(*args, stdin=None):
                done = subprocess.run([python, SCRIPT, *map(str, args)], input=stdin, capture_output=True, text=True, timeout=60,
                                      check=False)
                assert done.returncode == 0, done.stderr
                return json.loads(done.stdout)
            return run
    pytest.skip("no botocore that knows ConverseStream")


def history():
    turn = {"text": "Looking.", "calls": [{"id": "tooluse_1", "tool": "head", "input": {"key": "ü", "n": [1, 2.5, None, True]}},
                                          {"id": "not an id!", "tool": "no such tool!", "malformed": "{"}],
            "content": {"provider": "bedrock", "blocks": [
                {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "c2ln"}}},
                {"reasoningContent": {"redactedContent": "cmVk"}}, {"text": "Looking."},
                {"toolUse": {"toolUseId": "tooluse_1", "name": "head", "input": {}}},
                {"toolUse": {"toolUseId": "not an id!", "name": "no such tool!", "input": "{"}}]}}
    outcomes = [{"value": {"size": 7, "tags": ["a"]}}, {"error": "There is no such tool."}]
    return [{"turn": turn, "outcomes": outcomes, "feedback": "Two turns are left."},
            {"turn": {"text": " "}, "feedback": "Answer, please."},
            {"turn": {"calls": [{"tool": "head", "input": {}}]}, "outcomes": [{"value": ""}], "is_trimmed": True},
            {"turn": {"text": "An answer."}}]


@pytest.mark.parametrize("stream", [True, False], ids=["ConverseStream", "Converse"])
def test_each_request_is_one_of_botocores_model(botocore, stream):
    talks = [conversation(), conversation(exchanges=history()), conversation(instructions="", tools=[], task="", data=""),
             conversation(tools=[], exchanges=history()[:1])]
    settings = [{}, {"temperature": 0.5, "max_tokens": 1, "cache_prompt": False},
                {"guardrail_id": "abc123", "guardrail_version": "4", "region": "us-gov-west-1"},
                {"guardrail_id": "arn:aws:bedrock:us-east-1:123456789012:guardrail/abc", "extra": {"top_k": 5}},
                {"model": "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-x-v1:0"}]
    with ModelServer([{"text": "ok", "times": 0}]) as models:
        for talk in talks:
            for setting in settings:
                ask(models, "bedrock", talk, stream=stream, **setting)
        ask(models, "bedrock", stream=stream, env={"AWS_BEARER_TOKEN_BEDROCK": "bedrock-key"})
        problems = botocore("validate", stdin=json.dumps(models.requests))

    assert len(problems) == len(talks) * len(settings) + 1
    assert [problem for problem in problems if problem] == []


def test_we_read_of_the_stub_what_botocores_client_reads(botocore):
    played = {"text": "I look at ü.", "thinking": "hm", "times": 0,
              "calls": [{"tool": "head", "input": {"key": "k", "n": 1}}, {"tool": "list", "input": {}}]}
    with ModelServer([played]) as models:
        theirs = botocore("client", models.url)
        ours = {way: ask(models, "bedrock", stream=way == "streamed")["turn"] for way in ("streamed", "whole")}

    for way, turn in ours.items():
        assert turn["text"] == theirs[way]["text"]
        assert [call["input"] for call in turn["calls"]] == [call["input"] for call in theirs[way]["calls"]]
        assert [call["tool"] for call in turn["calls"]] == [call["tool"] for call in theirs[way]["calls"]]
        assert theirs[way]["stop"] == "tool_use" and turn["end"] == "tool_calls"
    assert theirs["streamed"]["usage"]["inputTokens"] == ours["streamed"]["usage"]["input"]


@pytest.mark.parametrize("seed", range(5))
def test_every_kind_of_event_that_botocores_shapes_have_is_read_or_passed_over(botocore, seed):
    stream = botocore("events", seed)
    with ModelServer([{"raw": stream["data"]}]) as models:
        turn = ask(models, "bedrock", attempts=1)["turn"]

    assert turn["text"] == stream["text"]
    assert turn["calls"] == [{"id": stream["call"]["toolUseId"], "tool": stream["call"]["name"], "input": {"a": 1}, "malformed": ""}]
    assert turn["usage"]["input"] == stream["usage"]["inputTokens"]
    assert turn["usage"]["output"] == stream["usage"]["outputTokens"]
    assert turn["usage"]["cache_read"] == stream["usage"].get("cacheReadInputTokens", 0)
