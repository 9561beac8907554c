import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const cache = fileURLToPath(new URL("../../../node_modules/.cache/guest", import.meta.url));

/** Of the kernel's modules those that every guest of the tests has, in the order in which they are loaded. */
export const plainModules = [
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
] as const;
/** Those that a guest needs for disks, to see the files of its machine, and to run containers over them. */
export const fileModules = ["fuse", "virtiofs", "overlay", "loop", "virtio_blk"] as const;
const wanted: readonly string[] = [...plainModules, ...fileModules];

/** Debian's kernel for virtual machines and its modules, unpacked from the package once, not installed. */
export function guestKernel(): { readonly kernel: string; readonly modules: string } {
  const done = { kernel: join(cache, "vmlinuz"), modules: join(cache, "modules") };
  if (!isWhole(done.modules)) unpackKernel();
  return done;
}

function isWhole(modules: string): boolean {
  return wanted.every((name) => existsSync(join(modules, `${name}.ko`)));
}

function unpackKernel(): void {
  const place = mkdtempSync(join(tmpdir(), "meseta-kernel-"));
  const ready = `${cache}.${process.pid}`;
  try {
    execFileSync("dpkg-deb", ["-x", downloadKernel(place), join(place, "tree")]);
    collect(join(place, "tree"), join(place, "guest"));
    mkdirSync(dirname(cache), { recursive: true });
    execFileSync("cp", ["-a", join(place, "guest"), ready]);
    rmSync(cache, { recursive: true, force: true });
    renameSync(ready, cache);
  } finally {
    rmSync(place, { recursive: true });
    rmSync(ready, { recursive: true, force: true });
  }
}

// The package is named by the one that always depends on the newest. A fresh machine knows of no package before it has asked, and lists
// that are old name one that is no longer there.
function downloadKernel(into: string): string {
  try {
    return tryDownload(into);
  } catch {
    execFileSync("apt-get", ["-q", "update"], { stdio: "ignore" });
    return tryDownload(into);
  }
}

function tryDownload(into: string): string {
  const depends = execFileSync("apt-cache", ["depends", "linux-image-cloud-amd64"], { encoding: "utf8" });
  const name = /linux-image-\S*-cloud-amd64/.exec(depends.replace("linux-image-cloud-amd64", ""))?.[0];
  if (name === undefined) throw new Error("no package linux-image-cloud-amd64 is known");
  // As root apt hands the download to a user of its own, who may not write here, and says so at length.
  execFileSync("apt-get", ["-q", "-o", "APT::Sandbox::User=root", "download", name], { cwd: into, stdio: "ignore" });
  return join(into, readdirSync(into).find((file) => file.endsWith(".deb"))!);
}

function collect(tree: string, to: string): void {
  mkdirSync(join(to, "modules"), { recursive: true });
  const kernel = readdirSync(join(tree, "boot")).find((file) => file.startsWith("vmlinuz"))!;
  copyFileSync(join(tree, "boot", kernel), join(to, "vmlinuz"));
  for (const file of readdirSync(join(tree, "lib/modules"), { recursive: true, encoding: "utf8" }))
    if (file.endsWith(".ko") && wanted.includes(basename(file, ".ko")))
      copyFileSync(join(tree, "lib/modules", file), join(to, "modules", basename(file)));
}
