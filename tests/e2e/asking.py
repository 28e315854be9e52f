"""Asks a model behind the stub of the services for one turn, by way of the program ask_model of the build."""
import json
import os
import subprocess
from pathlib import Path

import pytest

BUILD = Path(os.environ.get("EBAGENT_BUILD", Path(__file__).resolve().parents[2] / "build/release"))
ASK_MODEL = BUILD / "tests/models/ask_model"
WIRES = ["bedrock", "anthropic", "openai"]
KEYS = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "eu-central-1", "ANTHROPIC_API_KEY": "k-secret",
        "OPENAI_API_KEY": "k-secret", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_CONFIG_FILE": "/dev/null"}
TOOL = {"name": "head", "description": "Looks at an object.",
        "input_schema": {"type": "object", "properties": {"key": {"type": "string"}}, "required": ["key"]}}


def conversation(**more):
    return {"instructions": "You look at uploads.", "task": "Say what came.", "data": "<event>{\"key\": \"ü\"}</event>",
            "tools": [TOOL], "exchanges": [], **more}


def run(order, env=None):
    if not ASK_MODEL.exists():
        pytest.skip(f"{ASK_MODEL} is not built")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_") and not name.endswith("_KEY")}
    return subprocess.run([ASK_MODEL], input=json.dumps(order), capture_output=True, text=True, timeout=120, check=False,
                          env={**clean, **KEYS, **(env or {})})


def ask(models, wire, talk=None, env=None, deadline_ms=None, cancel_after_ms=None, threads=None, **settings):
    """The report: {"turn": ...} or {"error": {code, message}}, pieces, restarts, seconds."""
    order = {"settings": {"provider": wire, "model": "vendor.model-v1:0", "url": models.url, **settings},
             "conversation": talk or conversation()}
    for name, value in {"deadline_ms": deadline_ms, "cancel_after_ms": cancel_after_ms, "threads": threads}.items():
        if value is not None:
            order[name] = value
    done = run(order, env)
    assert done.returncode == 0, done.stderr
    assert "k-secret" not in done.stdout + done.stderr
    assert not models.refusals, models.refusals
    return json.loads(done.stdout)
