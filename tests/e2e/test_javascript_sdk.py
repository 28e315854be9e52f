"""The AWS SDK for JavaScript v3 against the server; what it does stands in js/checks.mjs."""
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import Server

FOLDER = Path(__file__).parent / "js"
NAMES = re.findall(r'^  async "([^"]+)"\(\)', (FOLDER / "checks.mjs").read_text(encoding="utf-8"), re.MULTILINE)
OLDEST_NODE = 18


def why_it_cannot_run():
    node = shutil.which("node")
    if node is None:
        return "there is no node (scripts/setup.sh javascript installs it)"
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(re.match(r"v(\d+)", version)[1]) < OLDEST_NODE:
        return f"node {version} is older than the SDK takes"
    if not (FOLDER / "node_modules/.installed").exists():
        return "the SDK is not installed (scripts/setup.sh javascript installs it; it needs the npm registry)"
    return None


REASON = why_it_cannot_run()
pytestmark = pytest.mark.skipif(REASON is not None, reason=str(REASON))


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("js") / "data").start()
    done = subprocess.run(["node", "checks.mjs", server.url], cwd=FOLDER, capture_output=True, text=True, timeout=120, check=False)
    server.stop()
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", NAMES)
def test_with_the_sdk(name, outcomes):
    assert outcomes[name] == "passed"


def test_every_check_has_run(outcomes):
    assert len(NAMES) >= 10
    assert list(outcomes) == NAMES
