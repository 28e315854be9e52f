#!/usr/bin/env bash
# Runs the unit tests of a build that was made with a sanitizer; any report of it fails the run.
# Usage: check_sanitized.sh BUILD [arguments of ctest]
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
shift
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS="suppressions=$PWD/tests/tsan-suppressions.txt halt_on_error=1 second_deadlock_stack=1"
ctest --test-dir "$build" --output-on-failure --no-tests=error -j"$(nproc)" "$@" >"$build/sanitized.log" 2>&1 || {
  grep -vE '^ *([0-9]+/[0-9]+ Test|Start) ' "$build/sanitized.log" | tail -n 200
  exit 1
}
tail -n 3 "$build/sanitized.log"
