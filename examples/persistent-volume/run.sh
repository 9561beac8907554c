#!/bin/sh
# Runs the counter twice, then erases its volume: the second run goes on from what the first has written.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
PATH=$here/../../bin:$here/../../node_modules/.bin:$PATH

meseta task log "$(node "$here/counter.ts")"
meseta task log "$(node "$here/counter.ts")"
meseta volume list
meseta task log "$(node "$here/counter.ts" --destroy)"
