#!/usr/bin/env python3
"""What clocks show, by Python's zoneinfo: the oracle of time_zone_test.cpp.

Usage: make_zone_oracle.py table > zone_oracle.txt   past instants of every zone, which new releases of tzdata leave as they are
       make_zone_oracle.py all                        every zone, around each change from 1970 to 2200
"""
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
TABLE = [datetime(year, month, 15, 12, tzinfo=timezone.utc)
         for year, month in ((1972, 1), (1985, 7), (1999, 1), (2010, 7), (2021, 1), (2021, 7))]


def offset(zone, instant):
    return int(instant.astimezone(zone).utcoffset().total_seconds())


def write_utc(name, zone, instant):
    print(name, "utc", instant.strftime("%Y-%m-%dT%H:%M:%SZ"), offset(zone, instant))


def write_local(name, zone, local):
    """The first instant at which the clocks show `local`, found by trying rather than by folds."""
    first = (local.replace(tzinfo=zone, fold=0)).astimezone(timezone.utc)
    shown = first.astimezone(zone).replace(tzinfo=None)
    answer = first.strftime("%Y-%m-%dT%H:%M:%SZ") if shown == local else "skipped"
    print(name, "local", local.strftime("%Y-%m-%dT%H:%M:%S"), answer)


def changes(zone, first, last, step):
    """The instants between two years at which the offset changes, to the second, by bisection."""
    at = datetime(first, 1, 1, tzinfo=timezone.utc)
    end = datetime(last, 1, 1, tzinfo=timezone.utc)
    while at < end:
        low, high = at, at + step
        if offset(zone, low) != offset(zone, high):
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                middle = middle.replace(microsecond=0)
                if offset(zone, middle) == offset(zone, low):
                    low = middle
                else:
                    high = middle
            yield high
        at += step


def write_around(name, zone, change):
    for seconds in (-3600, -1, 0, 1, 3600):
        write_utc(name, zone, change + timedelta(seconds=seconds))
    before = (change - timedelta(seconds=1)).astimezone(zone).replace(tzinfo=None) + timedelta(seconds=1)
    after = change.astimezone(zone).replace(tzinfo=None)
    for local in {before, after, before - timedelta(seconds=1), after - timedelta(seconds=1),
                  before + timedelta(minutes=10), after + timedelta(minutes=10)}:
        write_local(name, zone, local)


def main():
    names = sorted(name for name in available_timezones() if name != "localtime")
    if sys.argv[1] == "all":
        # Many names stand for the same zone.
        names = sorted({Path("/usr/share/zoneinfo", name).read_bytes(): name for name in names}.values())
    for name in names:
        zone = ZoneInfo(name)
        if sys.argv[1] == "table":
            for instant in TABLE:
                write_utc(name, zone, instant)
            continue
        for change in changes(zone, 1970, 2038, timedelta(days=12)):
            write_around(name, zone, change)
        for year in range(2038, 2200, 27):
            for change in changes(zone, year, year + 1, timedelta(days=12)):
                write_around(name, zone, change)


if __name__ == "__main__":
    main()
