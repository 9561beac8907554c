#!/bin/sh
# Keeps two instances of a pod running, and asks each for the page that its sidecar writes.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
PATH=$here/../../bin:$PATH

meseta pod add "$here/pod.json"
meseta pod show /shop/backend -o json |
  node -e 'for (const {containers} of JSON.parse(require("fs").readFileSync(0)).instances)
             console.log(containers.flatMap(({endpoints}) => endpoints)[0].allocatedHostPort)' |
  while read -r port; do curl -s "http://127.0.0.1:$port/index.html"; done
meseta pod scale /shop/backend 3
meseta pod list
meseta pod rm /shop/backend --yes
