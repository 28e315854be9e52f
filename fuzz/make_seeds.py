#!/usr/bin/env python3
"""Writes seeds for the fuzz targets: of the pattern engine from the cases with known answers in tests/pattern/vectors, of
schedules from expressions and zones, of the server from the requests in fuzz/seeds/.

Usage: fuzz/make_seeds.py FOLDER    writes FOLDER/<target>/<sha1 of the seed>
"""

import hashlib
import json
import pathlib
import random
import struct
import sys
import zlib

MAX_BYTES = 2000  # longer seeds make every mutation slow and reach nothing new
RANDOM_SEEDS = 300

SCHEDULES = ("rate(1 minute)", "rate(36525 days)", "cron(0 9 * * ? *)", "cron(0/15 8-17 ? * MON-FRI *)", "cron(30 2 L * ? 2026-2199)",
             "cron(0 0 15W 1,FEB ? *)", "cron(59 23 LW DEC ? 2028/4)", "cron(0 12 ? * 6#3 *)", "cron(0 12 ? * 6L *)", "at(2026-03-29T02:30:00)",
             "at(2199-12-31T23:59:59)", "cron(30 1 * 10 ? *)", "cron(0 0 29 2 ? *)", "every hour")
ZONES = pathlib.Path("/usr/share/zoneinfo")
VECTORS = pathlib.Path(__file__).parent.parent / "tests" / "pattern" / "vectors"
# A file a target; its seeds are apart by lines of three dashes.
SEEDS = pathlib.Path(__file__).parent / "seeds"


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


def event_streams():
    """Streams of AWS's framing and of server-sent events; the first byte is the size of the pieces."""
    def message(headers, payload):
        encoded = b"".join(bytes([len(name)]) + name + bytes([kind]) + value for name, kind, value in headers)
        prelude = struct.pack("!II", 16 + len(encoded) + len(payload), len(encoded))
        body = prelude + struct.pack("!I", zlib.crc32(prelude)) + encoded + payload
        return body + struct.pack("!I", zlib.crc32(body))

    def text(value):
        return struct.pack("!H", len(value)) + value

    values = [b"", b"", b"1", b"12", b"1234", b"12345678", text(b"abc"), text(b"event"), b"12345678", b"1234567890123456"]
    every = message([(bytes([97 + kind]), kind, value) for kind, value in enumerate(values)], b"{}")
    usual = message([(b":event-type", 7, text(b"messageStop")), (b":message-type", 7, text(b"event"))], b'{"stopReason":"end_turn"}')
    yield b"\x05" + usual + every
    yield b"\x01" + message([], b"")
    yield b"\x09" + every + usual[:20]
    yield b"\x04: comment\n\nevent: a\ndata: 1\ndata: 2\n\n"
    yield b"\x02\xef\xbb\xbfdata:x\r\n\r\nid: 1\rdata\r\rdata: y\n"


def seeds():
    """(target, bytes) of every seed."""
    for pattern, event in cases():
        yield "pattern_compile_fuzz", encoded(pattern)
        # The event begins behind the first line break; within JSON a space means the same.
        yield "event_match_fuzz", encoded(pattern.replace("\n", " ") + "\n" + event)
    for zone in ("", "CET-1CEST,M3.5.0,M10.5.0/3", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "EET-2EEST,M3.4.4/50,M10.4.4/50", "AAA3BBB,J60/0,J300/0",
                 "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "IST-1GMT0,M10.5.0,M3.5.0/1", "<+0545>-5:45"):
        for expression in SCHEDULES:
            yield "schedule_expression_fuzz", encoded(zone + "\0" + expression)
    for name in ("Europe/Berlin", "America/New_York", "Asia/Kathmandu"):
        yield "schedule_expression_fuzz", (ZONES / name).read_bytes() + b"\0cron(30 2 * * ? *)"
    # Its bytes are decisions without a form of their own.
    chance = random.Random(1)
    for _ in range(RANDOM_SEEDS):
        yield "fast_against_reference_fuzz", chance.randbytes(chance.randrange(64, 512))
    for seed in event_streams():
        yield "event_stream_fuzz", seed
    for path in sorted(SEEDS.glob("*.txt")):
        for seed in path.read_text(encoding="utf-8").split("\n---\n"):
            if path.stem == "http_request_fuzz":  # the first byte is the size of the pieces
                seed = "\x07" + seed.replace("\n", "\r\n")
            if path.stem == "mcp_message_fuzz":  # likewise
                seed = "\x07" + seed + "\n"
            yield path.stem, encoded(seed)


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
