#!/bin/sh
# Makes COUNT containers by `crun run -d`, two at a time, then kills and deletes them. Their bundles and overlays are made before, which is not
# counted: this is crun's own time alone. Prints milliseconds up, milliseconds down, and the CPU milliseconds of what was made before.
#   unshare --mount crun-loop.sh COUNT DIR LAYER CONFIG       DIR is empty, CONFIG a config.json whose root is "rootfs"
set -e
count=$1 dir=$2 layer=$3 config=$4
cpu() { awk '{ print ($16 + $17) * 10 }' /proc/$$/stat; }
now() { echo $(($(date +%s%N) / 1000000)); }
if grep -q 'cgroup2 /sys/fs/cgroup/unified' /proc/mounts; then umount -l /sys/fs/cgroup/unified; fi
for i in $(seq "$count"); do
  mkdir -p "$dir/$i/rootfs" "$dir/$i/upper" "$dir/$i/work"
  cp "$config" "$dir/$i/config.json"
  mount -t overlay overlay -o "lowerdir=$layer,upperdir=$dir/$i/upper,workdir=$dir/$i/work,volatile" "$dir/$i/rootfs"
done
crun="crun --root $dir/state --cgroup-manager=disabled"
before=$(cpu)
start=$(now)
seq "$count" | xargs -P 2 -I '{}' $crun run -d --bundle "$dir/{}" --pid-file "$dir/{}/pid" 'c{}' >/dev/null 2>&1
up=$(($(now) - start))
start=$(now)
for i in $(seq "$count"); do kill -9 "$(cat "$dir/$i/pid")"; done
seq "$count" | xargs -P 2 -I '{}' $crun delete --force 'c{}' >/dev/null 2>&1 || true
echo "$up" $(($(now) - start)) "$before"
