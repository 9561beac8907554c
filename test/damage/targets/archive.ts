import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readArchive, writeArchive } from "@meseta/boot/store/archive.ts";
import type { Random } from "@meseta/lib/core/random.ts";
import type { Target } from "../cases.ts";
import type { Files } from "../harm.ts";

const MEMORY = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
const NAME = "monday.backup";

/** A backup, as `meseta store backup` writes it. An older one is a whole one as well: it says itself as of when. */
export function archiveTarget(random: Random): Target {
  return {
    name: "backup",
    files: made(random, 60, "2026-11-02T00:00:00.000Z"),
    older: [],
    read,
    isLocated: (message) => /is damaged: .* at byte \d+|no such file/.test(message),
  };
}

function made(random: Random, count: number, when: string): Files {
  return inFolder((dir) => {
    const records = Array.from({ length: count }, (_, at): [string, string] => [
      `record/${String(at).padStart(4, "0")}`,
      JSON.stringify({ of: random.uuid(), text: "é".repeat(random.below(200)) }),
    ]);
    const path = join(dir, NAME);
    writeArchive(path, { made: when, from: "sqlite:/store.db", epoch: 7, version: count }, records);
    return new Map([[NAME, readFileSync(path)]]);
  });
}

function read(files: Files): string {
  return inFolder((dir) => {
    for (const [name, bytes] of files) writeFileSync(join(dir, name), bytes);
    const { heading, records } = readArchive(join(dir, NAME));
    return JSON.stringify([heading, records]);
  });
}

function inFolder<T>(work: (dir: string) => T): T {
  const dir = mkdtempSync(join(MEMORY, "meseta-backup-"));
  try {
    return work(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}
