import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { fileModules, guestKernel, plainModules } from "./guest-kernel.rig.ts";

/**
 * A folder that is the image of a virtual machine: the kernel, and a RAM disk with busybox, modules and this script, which runs when
 * processes, devices and modules are there. "files" adds the modules for disks and for files of the machine.
 */
export function guestImage(folder: string, script: string, more?: "files"): string {
  const { kernel, modules: from } = guestKernel();
  const modules = more === "files" ? [...plainModules, ...fileModules] : plainModules;
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
