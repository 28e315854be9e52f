#!/usr/bin/env python3
"""Writes seeds for the fuzz targets, made from the cases with known answers in tests/pattern/vectors.

Usage: fuzz/make_seeds.py FOLDER    writes FOLDER/<target>/<sha1 of the seed>
"""

import hashlib
import json
import pathlib
import random
import sys

MAX_BYTES = 2000  # longer seeds make every mutation slow and reach nothing new
RANDOM_SEEDS = 300

VECTORS = pathlib.Path(__file__).parent.parent / "tests" / "pattern" / "vectors"


def cases():
    """(pattern, event) of every case."""
    for path in sorted(VECTORS.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").split("\n"):
            if not line.strip():
                continue
            case = json.loads(line)
            if "pattern" in case:
                yield case["pattern"], case["event"]
            for rule in case.get("patterns", []) + case.get("ops", []):
                yield rule["pattern"], case["event"]


def seeds():
    """(target, bytes) of every seed."""
    for pattern, event in cases():
        yield "pattern_compile_fuzz", encoded(pattern)
        # The event begins behind the first line break; within JSON a space means the same.
        yield "event_match_fuzz", encoded(pattern.replace("\n", " ") + "\n" + event)
    # Its bytes are decisions without a form of their own.
    chance = random.Random(1)
    for _ in range(RANDOM_SEEDS):
        yield "fast_against_reference_fuzz", chance.randbytes(chance.randrange(64, 512))


def encoded(text):
    return text.encode("utf-8", "surrogatepass")


def main():
    folder = pathlib.Path(sys.argv[1])
    for target, seed in seeds():
        if len(seed) > MAX_BYTES:
            continue
        (folder / target).mkdir(parents=True, exist_ok=True)
        (folder / target / hashlib.sha1(seed).hexdigest()).write_bytes(seed)


if __name__ == "__main__":
    main()
