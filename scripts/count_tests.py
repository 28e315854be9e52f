#!/usr/bin/python3
"""Adds up JUnit reports and prints "N passed, N failed, N skipped"; fails when a test failed or a report is missing."""
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

passed = failed = skipped = 0
missing = []
for name in sys.argv[1:]:
    if not Path(name).exists():
        missing.append(name)
        continue
    for case in ET.parse(name).getroot().iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None or case.get("status") == "fail":
            failed += 1
        elif case.find("skipped") is not None or case.get("status") in ("disabled", "notrun"):
            skipped += 1
        else:
            passed += 1
for name in missing:
    print(f"no report was written: {name}")
print(f"{passed} passed, {failed + len(missing)} failed, {skipped} skipped")
sys.exit(1 if failed or missing or passed == 0 else 0)
