#!/bin/sh
# Makes COUNT containers by `crun run -d`, two at a time, each with an overlay of its own in a mount namespace of its own; then kills and
# deletes them. Prints milliseconds up, milliseconds down, and the CPU milliseconds of all of it up to there, twice.
#   crun-loop.sh COUNT DIR LAYER CONFIG       DIR is empty, CONFIG a config.json whose root is "rootfs"
set -e
count=$1 dir=$2 layer=$3 config=$4
cpu() { awk '{ print ($16 + $17) * 10 }' /proc/$$/stat; }
now() { echo $(($(date +%s%N) / 1000000)); }
cat >"$dir/up" <<'END'
set -e
b=$1/$4
mkdir -p "$b/rootfs" "$b/upper" "$b/work"
cp "$3" "$b/config.json"
grep -q 'cgroup2 /sys/fs/cgroup/unified' /proc/mounts && umount -l /sys/fs/cgroup/unified
mount -t overlay overlay -o "lowerdir=$2,upperdir=$b/upper,workdir=$b/work,volatile" "$b/rootfs"
exec crun --root "$1/state" --cgroup-manager=disabled run -d --bundle "$b" --pid-file "$b/pid" "c$4" </dev/null >/dev/null 2>&1
END
start=$(now)
seq "$count" | xargs -P 2 -I '{}' unshare --mount --propagation slave sh "$dir/up" "$dir" "$layer" "$config" '{}'
echo $(($(now) - start)) "$(cpu)"
start=$(now)
seq "$count" | xargs -P 2 -I '{}' crun --root "$dir/state" --cgroup-manager=disabled delete --force 'c{}' 2>/dev/null || \
  seq "$count" | xargs -P 2 -I '{}' sh -c 'kill -9 $(cat "$0/$1/pid"); rm -rf "$0/state/c$1" "$0/$1"' "$dir" '{}'
echo $(($(now) - start)) "$(cpu)"
