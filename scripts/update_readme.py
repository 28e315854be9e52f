#!/usr/bin/python3
"""Writes what the README shows of the program and its sources into it: the demo's output and the quickstart."""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
readme = ROOT / "README.md"
demo = subprocess.run([sys.argv[1], "demo"], capture_output=True, text=True, check=True).stdout
quickstart = (ROOT / "examples/quickstart/main.cpp").read_text(encoding="utf-8")
text = readme.read_text(encoding="utf-8")


def put(text, after, language, content):
    """Replaces the first block of that language behind a heading or sentence."""
    pattern = re.compile(r"(" + re.escape(after) + r".*?^```" + language + r"\n).*?(^```$)", re.MULTILINE | re.DOTALL)
    return pattern.sub(lambda found: found[1] + content + found[2], text, count=1)


text = put(text, "## What `make demo` prints", "text", demo)
text = put(text, "Or in C++", "cpp", quickstart)
readme.write_text(text, encoding="utf-8")
