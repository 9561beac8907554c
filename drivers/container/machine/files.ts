import { constants } from "node:fs";
import { type FileHandle, lstat, open } from "node:fs/promises";

/** The files of a virtual machine's image. There is a kernel, or a disk that has one. Paths are absolute. */
export interface MachineFiles {
  readonly kernel?: string;
  readonly initrd?: string;
  /** A file whose text is added to the kernel's command line. */
  readonly cmdline?: string;
  readonly disk?: MachineDisk;
}

export interface MachineDisk {
  readonly path: string;
  readonly format: "raw" | "qcow2";
  /** As the guest sees it. */
  readonly bytes: number;
}

const kernels = ["kernel", "vmlinuz", "boot/vmlinuz"];
const initrds = ["initrd", "initrd.img", "boot/initrd.img"];
const disks = ["disk.qcow2", "disk.raw", "disk.img"];
const cmdlineBytes = 2_048;
const sectorBytes = 512;

/**
 * Looks for a machine's files in these folders (the layers of an image, topmost first, or one folder). A name that is a link is not one of
 * them. Rejects with a sentence when there is no machine, or when its disk leads to files outside of the image.
 */
export async function findMachine(folders: readonly string[]): Promise<MachineFiles> {
  const [kernel, initrd, disk, cmdline] = await Promise.all(
    [kernels, initrds, disks, ["cmdline"]].map((names) => firstFile(folders, names)),
  );
  if (kernel === undefined && disk === undefined)
    throw new Error(`the image is no virtual machine: it has neither ${kernels[0]} nor ${disks.join(", ")} at its top`);
  return {
    ...(kernel === undefined ? {} : { kernel }),
    ...(initrd === undefined ? {} : { initrd }),
    ...(cmdline === undefined ? {} : { cmdline }),
    ...(disk === undefined ? {} : { disk: await readDisk(disk) }),
  };
}

/** The text of a cmdline file as one line. Throws a sentence when it is none. */
export function cmdlineOf(text: string): string {
  const line = text.trim();
  if (line.length > cmdlineBytes || /\p{Cc}/u.test(line))
    throw new Error(`the image's cmdline is not one line of at most ${cmdlineBytes} characters`);
  return line;
}

// A name that an upper layer has as something else, a whiteout or a link, is gone from those below.
async function firstFile(folders: readonly string[], names: readonly string[]): Promise<string | undefined> {
  const hidden = new Set<string>();
  for (const folder of folders)
    for (const name of names) {
      if (hidden.has(name)) continue;
      const found = await kindAt(folder, name);
      if (found === "file") return `${folder}/${name}`;
      if (found === "other") hidden.add(name);
    }
  return undefined;
}

async function kindAt(folder: string, name: string): Promise<"file" | "other" | undefined> {
  let path = folder;
  const [last, ...before] = name.split("/").reverse();
  for (const part of before.reverse()) {
    path += `/${part}`;
    const found = await lstat(path).catch(() => undefined);
    if (!found) return undefined;
    if (!found.isDirectory()) return "other";
  }
  const found = await lstat(`${path}/${last}`).catch(() => undefined);
  return found && (found.isFile() ? "file" : "other");
}

async function readDisk(path: string): Promise<MachineDisk> {
  const format = path.endsWith(".qcow2") ? "qcow2" : "raw";
  // Whoever owns the folder may have put a pipe there meanwhile.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const bytes = format === "qcow2" ? await sizeInside(file) : (await file.stat()).size;
    return { path, format, bytes: Math.ceil(bytes / sectorBytes) * sectorBytes };
  } finally {
    await file.close();
  }
}

// QCOW2 header (QEMU, docs/interop/qcow2.txt): a name of a backing file at 8, the size at 24, incompatible features at 72, of which bit 2 is
// a data file.
async function sizeInside(file: FileHandle): Promise<number> {
  const head = Buffer.alloc(80);
  const { bytesRead } = await file.read(head, 0, head.length, 0);
  if (bytesRead < head.length || head.readUInt32BE(0) !== 0x514649fb)
    throw new Error("disk.qcow2 is not in QCOW2 format");
  const hasDataFile = head.readUInt32BE(4) >= 3 && (head.readBigUInt64BE(72) & 4n) !== 0n;
  if (head.readBigUInt64BE(8) !== 0n || hasDataFile)
    throw new Error(
      "disk.qcow2 names another file as its base or for its data, which an image may not: flatten it with qemu-img convert",
    );
  return Number(head.readBigUInt64BE(24));
}
