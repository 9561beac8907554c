#!/bin/sh
# An image from a folder, run as a container with a network of its own; a shell inside, its output, its page.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
PATH=$here/../../bin:$PATH
work=$(mktemp -d)
run=
trap '[ -z "$run" ] || { kill "$run" 2>/dev/null; wait "$run"; } || true; rm -rf "$work"' EXIT

image=$("$here/busybox.sh" "$work")
echo "the image is $image"

meseta run --image "$image" -- cat /www/index.html

meseta run --name page --image "$image" -p 8080 >/dev/null &
run=$!
until task=$(meseta task list -q --filter task='page*' --filter state=running) && [ -n "$task" ]; do sleep 0.2; done

meseta exec "$task" 'ps; wget -qO- http://127.0.0.1:8080'
echo "from outside: $(/bin/busybox wget -qO- "http://127.0.0.1:$(meseta exec "$task" 'echo $PORT_8080')")"
meseta task stats "$task"
meseta task kill --yes "$task"
