// The Debian packages that the project uses beside Node: installed when they are missing and this is root on Debian.
// Elsewhere the project still runs, with plain processes only; tests that need a missing one say so when they skip.
// Plain JavaScript, because it runs under whatever Node the machine has.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

// Each package with one file that is there when it is installed: looking is free, asking dpkg costs 30 ms.
const toRun = {
  crun: "/usr/bin/crun",
  runc: "/usr/sbin/runc",
  "containernetworking-plugins": "/usr/lib/cni/bridge",
  iptables: "/usr/sbin/iptables",
  iproute2: "/sbin/ip",
  // What the fetcher unpacks with, beside tar and gzip, which every Debian has.
  "xz-utils": "/usr/bin/xz",
  unzip: "/usr/bin/unzip",
  openssl: "/usr/bin/openssl",
  bzip2: "/usr/bin/bzip2",
  // What the image of the quickstart's pod is made of.
  "busybox-static": "/usr/bin/busybox",
};
const toTest = {
  // Stores in etcd, of one and of three members.
  "etcd-server": "/usr/bin/etcd",
  // What a store asks of the disk, call by call.
  strace: "/usr/bin/strace",
  skopeo: "/usr/bin/skopeo",
  umoci: "/usr/bin/umoci",
  "docker-registry": "/usr/bin/docker-registry",
  debootstrap: "/usr/sbin/debootstrap",
  "qemu-system-x86": "/usr/bin/qemu-system-x86_64",
  "qemu-utils": "/usr/bin/qemu-img",
  zip: "/usr/bin/zip",
  "python3-marathon": "/usr/lib/python3/dist-packages/marathon/client.py",
  // What chronos-python of PyPI needs, and what gets it.
  "python3-httplib2": "/usr/lib/python3/dist-packages/httplib2/__init__.py",
  "python3-pip": "/usr/lib/python3/dist-packages/pip/__init__.py",
};

/** Installs what is missing, for `npm start`, or for `npm test` as well. Never ends the set-up: says what will not be there. */
export function installPackages(forTests) {
  const wanted = { ...toRun, ...(forTests ? toTest : {}) };
  const missing = Object.keys(wanted).filter((name) => !existsSync(wanted[name]));
  if (missing.length === 0) return;
  const canInstall = process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
  if (!canInstall) return tell(missing);
  console.error(`Setting up: installing ${missing.join(", ")} …`);
  // The lists of a fresh machine may be empty or old, but reading them anew costs seconds: only when it does not work without.
  if (!install(missing) && !(apt("update") && install(missing))) tell(missing);
}

function install(names) {
  return apt("install", "--yes", "--no-install-recommends", ...names);
}

function apt(...words) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return spawnSync("apt-get", ["-q", ...words], { stdio: "ignore", env }).status === 0;
}

function tell(missing) {
  console.error(`Not installed: ${missing.join(", ")}. Containers need crun or runc, their networks the others.`);
  console.error(`As root on Debian: apt-get install ${missing.join(" ")}`);
}
