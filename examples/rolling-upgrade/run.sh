#!/bin/sh
# Adds an app of three instances, upgrades it while it serves, goes back, and removes it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
PATH=$here/../../bin:$PATH

show() { # one line for each instance: what it answers
  meseta app show /shop/web -o json |
    node -e 'for (const {ports:[port]} of JSON.parse(require("fs").readFileSync(0)).tasks) console.log(port)' |
    while read -r port; do curl -s "http://127.0.0.1:$port/"; done
}

meseta app add "$here/web.json" --dry-run
meseta app add "$here/web.json"
show
meseta app update /shop/web 'env={"VERSION":"2"}'
show
meseta app rollback /shop/web
show
meseta app rm /shop/web --yes
meseta app list -q
