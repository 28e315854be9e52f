#!/usr/bin/env python3
"""Writes ignore_case_table.inc from the table of cases: make_ignore_case_table.py TABLE.tsv > ignore_case_table.inc

Each line of the table: a UTF-16 unit, its lower form, its upper form (hexadecimal; a form may be several units).
Neighbours with the same distances become one run; forms of several units are listed one by one.
"""
import sys

single, several = [], []
for line in open(sys.argv[1]):
    unit, lower, upper = ([int(u, 16) for u in column.split()] for column in line.rstrip("\n").split("\t"))
    if len(lower) == 1 and len(upper) == 1:
        single.append((unit[0], lower[0] - unit[0], upper[0] - unit[0]))
    else:
        several.append((unit[0], lower, upper))

runs = []  # first, last, step, distance to lower, distance to upper
for unit, lower, upper in sorted(single):
    for run in reversed(runs[-2:]):
        step = unit - run[1]
        if run[3:] == [lower, upper] and step in (1, 2) and run[2] in (0, step):
            run[1], run[2] = unit, step
            break
    else:
        runs.append([unit, unit, 0, lower, upper])

print("// Written by make_ignore_case_table.py from tests/pattern/vectors/ignore-case-table.tsv.")
print("constexpr CaseRun kCaseRuns[] = {")
line = "   "
for first, last, step, lower, upper in sorted(runs):
    cell = f" {{0x{first:04X}, 0x{last:04X}, {max(step, 1)}, {lower}, {upper}}},"
    if len(line) + len(cell) > 110:
        print(line)
        line = "   "
    line += cell
print(line + "\n};")
print("constexpr CaseForms kCaseForms[] = {")
for unit, lower, upper in sorted(several):
    forms = ["{" + ", ".join(f"0x{u:04X}" for u in form) + "}" for form in (lower, upper)]
    print(f"    {{0x{unit:04X}, {forms[0]}, {forms[1]}}},")
print("};")
