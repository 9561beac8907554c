#!/bin/sh
# A virtual machine made of a kernel (the argument) and a RAM disk of this machine's busybox-static: says what it was asked, and where it is.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
PATH=$here/../../bin:$PATH
kernel=${1:-/vmlinuz}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work/root/bin" "$work/image"
cp /bin/busybox "$work/root/bin/"
cat >"$work/root/init" <<'END'
#!/bin/busybox sh
/bin/busybox mkdir /proc
/bin/busybox mount -t proc proc /proc
echo "I was asked: $*"
echo "I run $(/bin/busybox uname -sr) with $(/bin/busybox awk '/MemTotal/ { print int($2 / 1024) }' /proc/meminfo) MiB"
/bin/busybox poweroff -f
END
chmod +x "$work/root/init"
(cd "$work/root" && find . | /bin/busybox cpio -o -H newc 2>/dev/null | gzip -1) >"$work/image/initrd"
cp "$kernel" "$work/image/kernel"
echo "quiet panic=-1" >"$work/image/cmdline"
chmod -R a+rX "$work"

meseta run --image "machine:$work/image" --mem 256 -- how are you
