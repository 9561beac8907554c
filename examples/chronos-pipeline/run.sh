#!/bin/sh
# Chronos' API by curl: two jobs that start together, a third that waits for both, and the graph of them.
set -eu
chronos=${CHRONOS:-http://127.0.0.1:4400}/v1/scheduler
post() { curl -sf -H 'Content-Type: application/json' -d "$2" "$chronos/$1"; }

# In two seconds: only successes after `join` is there count for it.
soon=$(date -u -d '+2 seconds' +%Y-%m-%dT%H:%M:%SZ)
for name in orders customers; do
  post iso8601 "{\"name\":\"$name\",\"command\":\"echo loaded $name\",\"owner\":\"ops@example.com\",\"schedule\":\"R1/$soon/PT1H\",\"cpus\":0.1,\"mem\":32}"
done
post dependency '{"name":"join","command":"echo joined","owner":"ops@example.com","parents":["orders","customers"],"cpus":0.1,"mem":32}'

until curl -sf "$chronos/graph/csv" | grep -q '^node,join,success'; do sleep 0.2; done
curl -sf "$chronos/graph/csv" | sort
for name in join orders customers; do curl -sf -X DELETE "$chronos/job/$name"; done
