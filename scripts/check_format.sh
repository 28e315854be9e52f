#!/usr/bin/env bash
# Fails and names the files that clang-format would change.
set -euo pipefail
cd "$(dirname "$0")/.."
git ls-files -- '*.cpp' '*.hpp' | xargs clang-format --dry-run --Werror
