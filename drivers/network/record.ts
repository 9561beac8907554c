import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { NetworkAddress } from "@meseta/kernel/core/agent/isolation.ts";
import type { Attachment } from "./plugins.ts";
import { addressesOf } from "./result.ts";

/** What is known of a group's namespace. It is on the disk before anything that it names is begun. */
export interface GroupRecord {
  readonly version: 1;
  readonly group: string;
  /** By which plugins know it: no other agent of the machine has the same. */
  readonly id: string;
  /** Joining: perhaps half made, and no container has it yet. Leaving: to be taken down. */
  readonly state: "joining" | "joined" | "leaving";
  readonly containers: readonly string[];
  readonly attachments: readonly Attachment[];
}

/** Resolves when it is on the disk, whole. */
export async function writeRecord(folder: string, record: GroupRecord): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, "record.json");
  const file = await open(`${path}.new`, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o600);
  try {
    await file.writeFile(JSON.stringify(record));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}

/** Undefined when there is none: then nothing was begun; or when the disk has damaged it. Rejects when it cannot be read now. */
export async function readRecord(folder: string): Promise<GroupRecord | undefined> {
  const path = join(folder, "record.json");
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const record = parsed(text);
  if (record && record.version !== 1)
    throw new Error(`${path} has version ${record.version}, which this agent does not know`);
  return record;
}

function parsed(text: string): GroupRecord | undefined {
  try {
    return JSON.parse(text) as GroupRecord;
  } catch {
    return undefined;
  }
}

/** Removes the folder of a group whose namespace is gone. */
export async function removeRecord(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** The name for plugins: letters, digits and a few signs, bounded, and of this agent's folder alone. */
export function idFor(folder: string, group: string): string {
  const mark = createHash("sha256").update(`${folder}\0${group}`).digest("hex").slice(0, 16);
  return `meseta-${group.slice(0, 80)}-${mark}`;
}

/** In the order of the networks. */
export function addressesOfGroup({ attachments }: GroupRecord): NetworkAddress[] {
  return attachments.flatMap(({ config, result }) => addressesOf(config.name, result));
}
