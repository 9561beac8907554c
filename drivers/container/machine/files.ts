import { type FileHandle, lstat, open, readFile } from "node:fs/promises";

/** The files of a virtual machine's image. There is a kernel, or a disk that has one. Paths are absolute. */
export interface MachineFiles {
  readonly kernel?: string;
  readonly initrd?: string;
  /** Added to the kernel's command line. */
  readonly cmdline?: string;
  readonly disk?: { readonly path: string; readonly format: "raw" | "qcow2" };
}

const kernels = ["kernel", "vmlinuz", "boot/vmlinuz"];
const initrds = ["initrd", "initrd.img", "boot/initrd.img"];
const disks = ["disk.qcow2", "disk.raw", "disk.img"];
const cmdlineBytes = 2_048;

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
    ...(cmdline === undefined ? {} : { cmdline: await readCmdline(cmdline) }),
    ...(disk === undefined ? {} : { disk: await readDisk(disk) }),
  };
}

async function firstFile(folders: readonly string[], names: readonly string[]): Promise<string | undefined> {
  for (const folder of folders)
    for (const name of names) {
      const found = await lstat(`${folder}/${name}`).catch(() => undefined);
      if (found?.isFile()) return `${folder}/${name}`;
    }
  return undefined;
}

async function readCmdline(path: string): Promise<string> {
  const text = (await readFile(path, "utf8")).trim();
  if (text.length > cmdlineBytes || /\p{Cc}/u.test(text))
    throw new Error(`the image's cmdline is not one line of at most ${cmdlineBytes} characters`);
  return text;
}

async function readDisk(path: string): Promise<NonNullable<MachineFiles["disk"]>> {
  const format = path.endsWith(".qcow2") ? "qcow2" : "raw";
  const file = await open(path);
  try {
    if (format === "qcow2") await refuseOtherFiles(file);
  } finally {
    await file.close();
  }
  return { path, format };
}

// QCOW2 header (QEMU, docs/interop/qcow2.txt): a name of a backing file at 8, incompatible features at 72, of which bit 2 is a data file.
async function refuseOtherFiles(file: FileHandle): Promise<void> {
  const head = Buffer.alloc(80);
  const { bytesRead } = await file.read(head, 0, head.length, 0);
  if (bytesRead < head.length || head.readUInt32BE(0) !== 0x514649fb)
    throw new Error("disk.qcow2 is not in QCOW2 format");
  const hasDataFile = head.readUInt32BE(4) >= 3 && (head.readBigUInt64BE(72) & 4n) !== 0n;
  if (head.readBigUInt64BE(8) !== 0n || hasDataFile)
    throw new Error(
      "disk.qcow2 names another file as its base or for its data, which an image may not: flatten it with qemu-img convert",
    );
}
