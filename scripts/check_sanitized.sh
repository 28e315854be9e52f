#!/usr/bin/env bash
# Runs the unit tests of a build that was made with a sanitizer; any report of it fails the run.
set -euo pipefail
cd "$(dirname "$0")/.."
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS="suppressions=$PWD/tests/tsan-suppressions.txt:halt_on_error=1:second_deadlock_stack=1"
ctest --test-dir "$1" --output-on-failure -j"$(nproc)" | tail -n 40
exit "${PIPESTATUS[0]}"
