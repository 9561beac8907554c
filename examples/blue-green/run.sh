#!/bin/sh
# Blue serves. Green comes up beside it and is asked before anybody else asks it; then blue goes.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
PATH=$here/../../bin:$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for color in blue green; do sed "s/COLOR/$color/g" "$here/color.json" >"$work/$color.json"; done
ask() { # every instance of an app
  meseta app show "/shop/$1" -o json |
    node -e 'for (const {ports:[port]} of JSON.parse(require("fs").readFileSync(0)).tasks) console.log(port)' |
    while read -r port; do curl -s "http://127.0.0.1:$port/"; done
}

meseta app add "$work/blue.json"
ask blue
meseta app add "$work/green.json"
ask green
meseta app scale /shop/blue 0
meseta app list --filter 'app=/shop/*' -o '{{id}} {{tasksRunning}}'
# Should green turn out badly: meseta app scale /shop/blue 2, and everything is as before.
meseta app rm /shop/blue --yes
meseta app rm /shop/green --yes
