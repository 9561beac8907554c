#!/bin/sh
# A Mesos v1 executor in a POSIX shell with curl. It runs each task's `data` (a shell command, base64) and reports how
# it went. Start it as the executor of a task: {"type":"CUSTOM","command":{"value":"sh …/shell-executor.sh"}}.
# The agent gives it MESOS_AGENT_ENDPOINT, MESOS_FRAMEWORK_ID and MESOS_EXECUTOR_ID.
set -u
api=http://$MESOS_AGENT_ENDPOINT/api/v1/executor
ids="\"framework_id\":{\"value\":\"$MESOS_FRAMEWORK_ID\"},\"executor_id\":{\"value\":\"$MESOS_EXECUTOR_ID\"}"

post() {
  printf '%s' "$1" | curl -sS -o /dev/null -H 'Content-Type: application/json' --data-binary @- "$api"
}

# Tells the agent the state of a task. The uuid makes the agent keep the update until the scheduler acknowledges it.
update() {
  uuid=$(head -c 16 /dev/urandom | base64)
  post "{\"type\":\"UPDATE\",$ids,\"update\":{\"status\":{\"task_id\":{\"value\":\"$1\"},\"executor_id\":{\"value\":\"$MESOS_EXECUTOR_ID\"},\"state\":\"$2\",\"message\":\"$3\",\"source\":\"SOURCE_EXECUTOR\",\"uuid\":\"$uuid\"}}}"
}

# The first string behind a key, which is enough for ids and base64.
field() {
  printf '%s' "$record" | sed -n "s/.*\"$1\":{\"value\":\"\([^\"]*\)\".*/\1/p"
}

run() {
  update "$1" TASK_RUNNING "started by the shell executor"
  printf '%s' "$2" | base64 -d | sh
  code=$?
  if [ "$code" = 0 ]; then update "$1" TASK_FINISHED "done"; else update "$1" TASK_FAILED "exit code $code"; fi
}

# The answer to SUBSCRIBE never ends: each event is its length in bytes, a newline, and the JSON (RecordIO).
curl -sSN -H 'Content-Type: application/json' -H 'Accept: application/json' \
  --data-binary "{\"type\":\"SUBSCRIBE\",$ids,\"subscribe\":{}}" "$api" |
while read -r length; do
  record=$(head -c "$length")
  case $record in
    *'"type":"LAUNCH"'*)
      data=$(printf '%s' "$record" | sed -n 's/.*"data":"\([^"]*\)".*/\1/p')
      run "$(field task_id)" "$data" &
      ;;
    *'"type":"KILL"'*) update "$(field task_id)" TASK_KILLED "killed on request" ;;
    *'"type":"SHUTDOWN"'*) exit 0 ;;
  esac
done
