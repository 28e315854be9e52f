"""Every command shown in a bash block of the README and of docs/ runs; the other blocks are checked for what they are."""
import os
import re
import socket
import subprocess
from pathlib import Path

import pytest

from conftest import BINARY, ROOT, run_json

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "examples").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(document, language):
    return [text for kind, text in BLOCK.findall(document.read_text(encoding="utf-8")) if kind == language]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run_script(script, folder):
    environment = {**os.environ, "PATH": f"{Path(BINARY).parent}:{os.environ['PATH']}", "AWS_EC2_METADATA_DISABLED": "true"}
    return subprocess.run(["bash", "-c", f"set -e; trap 'kill %1 2>/dev/null || true' EXIT\n{script}"], cwd=ROOT, env=environment,
                          capture_output=True, text=True, timeout=180, check=False)


def localised(text, folder):
    """The same commands with a free port and a temporary folder, and without building what is being tested."""
    text = text.replace("make build\n", "").replace("/tmp/", f"{folder}/").replace("build/release:", f"{Path(BINARY).parent}:")
    return text.replace("4010", str(free_port()) if "4010" in text else "")


@pytest.fixture(scope="module")
def tour(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tour")
    script = localised("\n".join(blocks(ROOT / "README.md", "bash")), folder)
    return folder, run_script(script, folder)


def test_the_tour_of_the_readme_runs_and_shows_the_run(tour):
    folder, done = tour

    assert done.returncode == 0, done.stderr
    assert "New order received: order_123" in done.stdout
    assert "ALARM: HighCPUUsage" in done.stdout
    assert "The dead-letter queue is empty." in done.stdout
    assert (folder / "eventbridge-agent-tour/events.db").exists()


@pytest.mark.parametrize("document", [d for d in DOCUMENTS if d.name != "README.md" or d.parent != ROOT], ids=lambda d: str(d.relative_to(ROOT)))
def test_the_commands_of_each_page_run(document, tour, tmp_path):
    folder, done = tour
    assert done.returncode == 0
    for block in blocks(document, "bash"):
        ran = run_script(localised(block, folder), folder)
        assert ran.returncode == 0, f"{block}\n{ran.stdout}{ran.stderr}"


@pytest.mark.parametrize("document", [ROOT / "README.md", ROOT / "docs/agents.md"], ids=lambda d: d.name)
def test_each_configuration_that_is_shown_can_be_loaded(document, tmp_path):
    for number, block in enumerate(blocks(document, "yaml")):
        config = tmp_path / f"{number}.yaml"
        config.write_text(block, encoding="utf-8")

        assert run_json("rules", "--config", config)["rules"]


def test_the_quickstart_in_the_readme_is_the_one_that_is_built():
    source = (ROOT / "examples/quickstart/main.cpp").read_text(encoding="utf-8")

    assert blocks(ROOT / "README.md", "cpp") == [source]


def test_links_between_pages_lead_somewhere():
    for document in DOCUMENTS:
        prose = BLOCK.sub("", document.read_text(encoding="utf-8"))
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", prose):
            assert (document.parent / target).exists(), f"{document}: {target}"
