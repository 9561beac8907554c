#!/bin/sh
# An app with a volume of its own: it counts its starts, is restarted, and still knows.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
PATH=$here/../../bin:$PATH

words() { meseta logs "$(meseta task list -q --filter task='shop_counter*' --filter state=running)"; }

meseta app add "$here/counter.json"
words
meseta app restart /shop/counter
words
meseta volume list
meseta app rm /shop/counter --yes
