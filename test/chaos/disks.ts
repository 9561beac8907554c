// A small disk in memory for each part, which can be filled and emptied.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { open, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Part } from "./parts.ts";

/** etcd takes 64 MiB for each piece of its log, and the next one before it needs it. */
const SIZES: Readonly<Record<Part["kind"], string>> = {
  etcd: "512m",
  master: "32m",
  agent: "128m",
  init: "32m",
  cron: "32m",
};
const BALLAST = "ballast";

export function diskOf(dir: string, { name }: Pick<Part, "name">): string {
  return join(dir, "disks", name);
}

export function mountDisk(run: number, dir: string, part: Part): void {
  const disk = diskOf(dir, part);
  mkdirSync(disk, { recursive: true });
  execute("mount", "-t", "tmpfs", "-o", `size=${SIZES[part.kind]},mode=755`, deviceOf(run), disk);
}

/** Takes away all disks of a run. */
export function removeDisks(run: number): void {
  const mounts = readFileSync("/proc/mounts", "utf8").split("\n");
  for (const line of mounts) {
    const [device, place] = line.split(" ");
    if (device !== deviceOf(run)) continue;
    execute("umount", "-l", place!);
    rmSync(place!, { recursive: true, force: true });
  }
}

/** Mounts are called by the process that made them, as namespaces are. */
function deviceOf(run: number): string {
  return `meseta-chaos-${run}`;
}

/** Writes until nothing more fits. */
export async function fillDisk(disk: string): Promise<void> {
  const file = await open(join(disk, BALLAST), "w");
  try {
    for (const size of [1 << 20, 1 << 12]) await writeUntilFull(file, Buffer.alloc(size));
  } finally {
    await file.close();
  }
}

export function emptyDisk(disk: string): void {
  rmSync(join(disk, BALLAST), { force: true });
}

/** Whether there is room for anything. */
export async function isFull(disk: string): Promise<boolean> {
  return (await statfs(disk)).bavail === 0;
}

async function writeUntilFull(file: Awaited<ReturnType<typeof open>>, piece: Buffer): Promise<void> {
  try {
    for (;;) await file.write(piece);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  }
}

function execute(program: string, ...words: string[]): void {
  const { status, stderr } = spawnSync(program, words, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${words.join(" ")}: ${stderr.trim()}`);
}
