#!/usr/bin/env bash
# clang-tidy over the product's sources (.clang-tidy has the checks); any finding fails the run.
set -euo pipefail
cd "$(dirname "$0")/.."
# clang cannot read the header that g++ precompiled, so its flags are taken out of the compile commands.
mkdir -p "$1/tidy"
sed -E 's/ -Winvalid-pch| -fpch-preprocess| -include [^ ]*cmake_pch.hxx| -Wno-(maybe-uninitialized|restrict|stringop-overflow|stringop-overread|dangling-pointer)//g' \
  "$1/compile_commands.json" >"$1/tidy/compile_commands.json"
git ls-files -- 'src/*.cpp' 'examples/*.cpp' | xargs -P"$(nproc)" -n4 clang-tidy -p "$1/tidy" --quiet --warnings-as-errors='*' 2>/dev/null
