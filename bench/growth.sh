#!/usr/bin/env bash
# Whether an event costs the same in a store that holds nothing and in one that holds millions, and beside one rule and beside 99,000.
# Prints JSON lines: events a second from the wire to delivered, and the server's processor time an event, which says more
# on a shared machine. Usage: bench/growth.sh [BUILD] [MILLIONS OF EVENTS, default 10]; 10 take about 20 GB and some minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:-build/release}
millions=${2:-10}
results=bench/results/growth.jsonl
data=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$data"' EXIT
: >"$results"

start() { # config
  "$build/eventbridge-agent" serve --port 0 --data "$data/store" --config "$1" --keep 0 --keep-size 0 >"$data/out" 2>"$data/log" &
  server=$!
  until port=$(grep -oE '127\.0\.0\.1:[0-9]+' "$data/out" | cut -d: -f2) && [ -n "$port" ]; do sleep 0.02; done
}
stop() { kill "$server"; wait "$server" 2>/dev/null || true; }

settled() { until curl -s "http://127.0.0.1:$port/_eventbridge/health" | grep -q '"pending":0'; do sleep 0.02; done; }
ticks() { awk '{print $14 + $15}' "/proc/$server/stat"; }

load() { # requests
  "$build/bench/put_events_load" --port "$port" --requests "$1" --connections 32
}

measure() { # name: 100,000 events on top of what is there
  local begin end before after
  load 500 >/dev/null
  settled
  before=$(ticks)
  begin=$(date +%s.%N)
  load 10000 >/dev/null
  settled
  end=$(date +%s.%N)
  after=$(ticks)
  /usr/bin/python3 - "$1" "$begin" "$end" "$before" "$after" "$(du -m "$data/store/events.db" | cut -f1)" <<'P' | tee -a "$results"
import json, sys
name, begin, end, before, after, size = sys.argv[1:]
print(json.dumps({"name": name, "events_per_second": round(100_000 / (float(end) - float(begin))),
                  "server_us_per_event": round((int(after) - int(before)) * 1e4 / 100_000, 1), "store_mb": int(size)}))
P
}

start bench/put_events.yaml
measure "empty store"
for ((i = 1; i <= millions; ++i)); do
  load 100000 >/dev/null
  settled
  case $i in 1 | 3 | 10) measure "$i million events" ;; esac
done
stop
rm -rf "$data/store"

start bench/put_events.yaml
/usr/bin/python3 - "$port" <<'P'
# 100,000 rules that nearly match: all want the events' source and detail-type, none their order.
import http.client, json, sys, threading

def put(first, step):
    connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=60)
    def call(operation, body):
        connection.request("POST", "/", json.dumps(body), {"X-Amz-Target": "AWSEvents." + operation,
                                                           "Content-Type": "application/x-amz-json-1.1"})
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == 200, text
    for n in range(first, 99_000, step):
        pattern = {"source": ["myapp.orders"], "detail-type": ["Order Placed"], "detail": {"orderId": [f"other_{n}"]}}
        call("PutRule", {"Name": f"other-{n}", "EventPattern": json.dumps(pattern)})
        call("PutTargets", {"Rule": f"other-{n}", "Targets": [
            {"Id": "1", "Arn": "arn:aws:lambda:us-east-1:000000000000:function:order-counter"}]})

threads = [threading.Thread(target=put, args=(first, 8)) for first in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
P
measure "99,000 rules"
stop
