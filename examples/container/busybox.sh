#!/bin/sh
# Makes an image of this machine's busybox-static and a page, in the folder that is named. Prints the image's name.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$1/root
mkdir -p "$root/bin" "$root/www" "$root/tmp"
cp /bin/busybox "$root/bin/"
for name in $(/bin/busybox --list); do
  [ "$name" = busybox ] || ln -sf busybox "$root/bin/$name"
done
echo "a page in a container" >"$root/www/index.html"
"$here/build.sh" "$root" "$1/layout" 1 httpd -f -p 8080 -h /www
