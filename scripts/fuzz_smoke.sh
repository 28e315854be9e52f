#!/usr/bin/env bash
# Runs each fuzz target of a build on its corpus for a while; any finding fails the run and is kept beside the build.
# Usage: fuzz_smoke.sh BUILD [SECONDS of each target [SEED; 0 draws one]]
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
seconds=${2:-10}
seed=${3:-1}
smoke() { # target
  local target=$1 corpus findings options log status runs
  corpus=$build/corpus/$target
  findings=$build/findings
  mkdir -p "$corpus" "$findings"
  tar -xzf "fuzz/corpus/$target.tar.gz" -C "$corpus"
  case $target in
    http_request_fuzz | api_body_fuzz | cloud_events_fuzz | transform_fuzz | mcp_message_fuzz) options=(-dict=fuzz/server.dict) ;;
    event_stream_fuzz | model_answer_fuzz) options=(-dict=fuzz/model.dict) ;;
    *) options=(-dict=fuzz/pattern.dict) ;;
  esac
  # Its input is no text, and counting how rare each feature is takes longer than running it.
  if [ "$target" = fast_against_reference_fuzz ]; then options=(-entropic=0); fi
  if [ "$target" = schedule_expression_fuzz ]; then options=(-dict=fuzz/schedule.dict); fi
  log=$build/$target.log
  status=0
  # One seed: the same executable goes the same way each time, so that what passed here is not left to chance elsewhere.
  "$build/fuzz/$target" "${options[@]}" -seed="$seed" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=4096 \
    -artifact_prefix="$findings/$target-" -print_final_stats=1 "$corpus" >"$log" 2>&1 || status=$?
  runs=$(grep -oE 'number_of_executed_units: +[0-9]+' "$log" | grep -oE '[0-9]+$' || echo 0)
  if [ "$status" -eq 0 ]; then
    echo "$target: $runs executions in $seconds s, no finding"
  else
    touch "$build/findings/failed"
    echo "$target: a finding, kept in $findings:"
    tail -n 40 "$log"
  fi
}

rm -f "$build/findings/failed"
# As many at a time as there are cores.
for target in pattern_compile_fuzz event_match_fuzz fast_against_reference_fuzz schedule_expression_fuzz http_request_fuzz api_body_fuzz \
  cloud_events_fuzz transform_fuzz event_stream_fuzz model_answer_fuzz mcp_message_fuzz; do
  smoke "$target" &
  if [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; then wait -n; fi
done
wait
[ ! -e "$build/findings/failed" ]
