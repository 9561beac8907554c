#!/bin/sh
# The sidecar of the quickstart's pod: writes the page that the server beside it shows, once a second.
folder=$1
while :; do
  echo "<h1>$(date)</h1><p>written by the sidecar of this pod, shown by its server" >"$folder/next"
  mv "$folder/next" "$folder/index.html"
  sleep 1
done
