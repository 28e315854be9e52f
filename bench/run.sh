#!/usr/bin/env bash
# Measures the program on this machine: PutEvents over HTTP into the durable store, one matching rule, an agent as its
# target. Writes what it prints to bench/results/ as JSON lines too.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:-build/release}
results=bench/results/latest.jsonl
mkdir -p bench/results
: >"$results"

data=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$data"' EXIT

start() { # data folder, program, arguments of serve
  "$2" serve --port 0 --data "$1" "${@:3}" >"$1.out" 2>"$1.log" &
  server=$!
  until port=$(grep -oE '127\.0\.0\.1:[0-9]+' "$1.out" | cut -d: -f2) && [ -n "$port" ]; do sleep 0.02; done
}

stop() {
  kill "$server"
  wait "$server" 2>/dev/null || true
}

counts() { curl -s "http://127.0.0.1:$port/_eventbridge/health"; }

measure() { # name, arguments of the load generator
  local name=$1 begin end line
  shift
  begin=$(date +%s.%N)
  line=$("$build/bench/put_events_load" --port "$port" "$@")
  until counts | grep -q '"pending":0'; do sleep 0.01; done
  end=$(date +%s.%N)
  line=$(/usr/bin/python3 - "$name" "$line" "$begin" "$end" <<'P'
import json, sys
name, line, begin, end = sys.argv[1:]
result = {"name": name, **json.loads(line)}
result["worked_on_per_second"] = round(result["requests"] * result["entries"] / (float(end) - float(begin)))
print(json.dumps(result))
P
  )
  echo "$line" | tee -a "$results"
}

mkdir "$data/a" "$data/handler"
start "$data/handler" "$build/bench/order_counter"
measure warm-up --requests 2000 >/dev/null
for _ in 1 2 3 4 5; do measure "10 entries a request, handler in C++" --requests 10000 --connections 32; done
stop

start "$data/a" "$build/eventbridge-agent" --config bench/put_events.yaml
measure warm-up --requests 2000 >/dev/null
for _ in 1 2 3 4 5; do measure "10 entries a request" --requests 10000 --connections 32; done
for _ in 1 2 3; do measure "1 entry a request" --requests 40000 --entries 1 --connections 64; done
for _ in 1 2 3; do measure "5,000 events a second, 10 entries a request" --requests 5000 --rate 500; done
echo
grep VmRSS "/proc/$server/status"
stop

"$build/bench/store_bench" --benchmark_min_time=0.5 --benchmark_out="$data/store.json" --benchmark_out_format=json

# What the bus costs beside the group commit under it, and how soon after an event was accepted its agent began.
/usr/bin/python3 - "$results" "$data" <<'P'
import json, sqlite3, statistics, sys
results, data = sys.argv[1:]
lines = [json.loads(line) for line in open(results)]
worked = statistics.median(line["worked_on_per_second"] for line in lines if line["name"] == "10 entries a request")
store = {b["name"]: b["items_per_second"] for b in json.load(open(f"{data}/store.json"))["benchmarks"]}
alone = next(rate for name, rate in store.items() if "AcceptAndDeliver" in name)
late = [row[0] for row in sqlite3.connect(f"{data}/a/events.db").execute(
    "SELECT r.started - e.accepted FROM runs r JOIN events e ON e.id = r.event_id ORDER BY r.seq DESC LIMIT 150000")]
late.sort()
line = {"name": "derived", "wire_to_delivered_per_second": worked, "store_alone_per_second": round(alone),
        "ratio": round(worked / alone, 3), "accepted_to_started_p50_ms": late[len(late) // 2],
        "accepted_to_started_p99_ms": late[len(late) * 99 // 100]}
print(json.dumps(line))
with open(results, "a") as out:
    out.write(json.dumps(line) + "\n")
P

# What the agent loop and its journal add to a step, and what runs cost that wait for a model.
echo
"$build/bench/agent_loop_bench" | tee bench/results/agent_loop.txt
/usr/bin/python3 bench/waiting_runs.py "$build" | tee bench/results/waiting_runs.json

# How late a million schedules fire, a thousand a second.
echo
"$build/bench/schedule_bench" --json bench/results/schedule.json

echo
if [ -d ../shared/bench ]; then
  "$build/bench/pattern_bench" --json bench/results/pattern.json
else
  echo "pattern_bench: its rules and generators are not here; see docs/PERFORMANCE.md"
fi
