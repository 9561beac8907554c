import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const cache = fileURLToPath(new URL("../../../node_modules/.cache/guest", import.meta.url));
/** Of the kernel's modules those that a guest of the tests needs, in the order in which they are loaded. */
const modules = [
  "button",
  "evdev",
  "virtio_ring",
  "virtio",
  "virtio_pci_legacy_dev",
  "virtio_pci_modern_dev",
  "virtio_pci",
  "failover",
  "net_failover",
  "pvpanic",
  "pvpanic-mmio",
  "virtio_net",
];

/** Debian's kernel for virtual machines and its modules, unpacked from the package once, not installed. */
export function guestKernel(): { readonly kernel: string; readonly modules: string } {
  const done = { kernel: join(cache, "vmlinuz"), modules: join(cache, "modules") };
  if (!existsSync(cache)) unpackKernel();
  return done;
}

/**
 * A folder that is the image of a virtual machine: the kernel, and a RAM disk with busybox, modules and this script, which runs when
 * processes, devices and modules are there.
 */
export function guestImage(folder: string, script: string): string {
  const { kernel, modules: from } = guestKernel();
  mkdirSync(folder, { recursive: true });
  copyFileSync(kernel, join(folder, "kernel"));
  const load = modules.map((name) => `insmod /modules/${name}.ko`).join("\n");
  const init = `#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /etc /sbin /usr/bin /usr/sbin
/bin/busybox --install -s
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs dev /dev
${load}
${script}
`;
  const files = new Map<string, Buffer>([
    ["init", Buffer.from(init)],
    ["bin/busybox", readFileSync("/usr/bin/busybox")],
    ...modules.map((name): [string, Buffer] => [`modules/${name}.ko`, readFileSync(join(from, `${name}.ko`))]),
  ]);
  writeFileSync(join(folder, "initrd"), gzipSync(cpio(["bin", "modules"], files), { level: 1 }));
  writeFileSync(join(folder, "cmdline"), "quiet panic=-1");
  return folder;
}

// The package is named by the one that always depends on the newest.
function unpackKernel(): void {
  const place = mkdtempSync(join(tmpdir(), "meseta-kernel-"));
  try {
    const depends = execFileSync("apt-cache", ["depends", "linux-image-cloud-amd64"], { encoding: "utf8" });
    const name = /linux-image-\S*-cloud-amd64/.exec(depends.replace("linux-image-cloud-amd64", ""))?.[0];
    execFileSync("apt-get", ["-q", "download", name!], { cwd: place, stdio: "ignore" });
    const deb = readdirSync(place).find((file) => file.endsWith(".deb"))!;
    execFileSync("dpkg-deb", ["-x", deb, "tree"], { cwd: place });
    collect(join(place, "tree"), join(place, "guest"));
    mkdirSync(join(cache, ".."), { recursive: true });
    execFileSync("cp", ["-a", join(place, "guest"), `${cache}.new`]);
    renameSync(`${cache}.new`, cache);
  } finally {
    rmSync(place, { recursive: true });
  }
}

function collect(tree: string, to: string): void {
  mkdirSync(join(to, "modules"), { recursive: true });
  const kernel = readdirSync(join(tree, "boot")).find((file) => file.startsWith("vmlinuz"))!;
  copyFileSync(join(tree, "boot", kernel), join(to, "vmlinuz"));
  for (const file of readdirSync(join(tree, "lib/modules"), { recursive: true, encoding: "utf8" }))
    if (file.endsWith(".ko") && modules.includes(basename(file, ".ko")))
      copyFileSync(join(tree, "lib/modules", file), join(to, "modules", basename(file)));
}

/** A "newc" archive (the kernel's Documentation, initramfs buffer format); everything in it may be run. */
function cpio(folders: readonly string[], files: ReadonlyMap<string, Buffer>): Buffer {
  const parts: Buffer[] = [];
  let inode = 1;
  const add = (name: string, mode: number, data: Buffer) => {
    const numbers = [inode++, mode, 0, 0, 1, 0, data.length, 0, 0, 0, 0, name.length + 1, 0];
    const head = `070701${numbers.map((number) => number.toString(16).padStart(8, "0")).join("")}${name}\0`;
    parts.push(padded(Buffer.from(head)), padded(data));
  };
  for (const folder of folders) add(folder, 0o040755, Buffer.alloc(0));
  for (const [name, data] of files) add(name, 0o100755, data);
  add("TRAILER!!!", 0, Buffer.alloc(0));
  return Buffer.concat(parts);
}

function padded(data: Buffer): Buffer {
  return Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4)]);
}
