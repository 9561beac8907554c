#!/bin/sh
# Runs pod.json in an image made of this machine's busybox-static, in a network of its own, and looks at its page.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
PATH=$here/../../bin:$PATH
work=$(mktemp -d)
run=
trap '[ -z "$run" ] || { kill "$run" 2>/dev/null; wait "$run"; } || true; rm -rf "$work"' EXIT

image=$("$here/../container/busybox.sh" "$work")
sed "s|IMAGE|$image|" "$here/pod.json" >"$work/pod.json"

meseta run --name pod --task-group "$work/pod.json" --network meseta >/dev/null &
run=$!
until task=$(meseta task list -q --filter task='server*' --filter state=running) && [ -n "$task" ]; do sleep 0.2; done

# Both have the network in common: what the server shows is what the sidecar has written.
sidecar=$(meseta task list -q --filter task='sidecar*')
until meseta exec "$sidecar" 'wget -qO- http://127.0.0.1:8080'; do sleep 0.2; done
meseta exec "$task" 'touch /shared/mine' || echo "the server may only read"
