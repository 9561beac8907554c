import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SqliteFile } from "@meseta/drivers/store/sqlite/file.ts";
import { openSqliteInline } from "@meseta/drivers/store/sqlite/inline.ts";
import { readSeal } from "@meseta/drivers/store/sqlite/seal.ts";
import type { Change } from "@meseta/lib/core/ports/store.ts";
import type { Random } from "@meseta/lib/core/random.ts";
import type { Target } from "../cases.ts";
import type { Files } from "../harm.ts";

// Thousands of files are written and read, none of which must outlive anything.
const MEMORY = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/**
 * A store in SQLite, as it lies there after its part has ended, and as it lies there after its part was killed: then its last commits are in the log. Its older copies are of
 * earlier commits, and of both kinds.
 */
export async function sqliteTargets(random: Random): Promise<Target[]> {
  const dir = mkdtempSync(join(MEMORY, "meseta-damage-"));
  const path = join(dir, "store.db");
  const older: Files[] = [];
  let killed: Files = new Map();
  for (let life = 0; life < 4; life++) {
    const store = openSqliteInline(path);
    const { epoch } = await store.open();
    for (let commit = 0; commit < 12; commit++) {
      await store.commit(changeOf(random), epoch);
      if (commit % 5 === 2) older.push(filesIn(dir));
    }
    while (readSeal(path)?.version !== 12 * (life + 1)) await sleep(20);
    killed = filesIn(dir);
    await store.close();
    if (life < 3) older.push(filesIn(dir));
  }
  const ended = filesIn(dir);
  rmSync(dir, { recursive: true });
  // What was written before the kill is not older than it.
  const before = older.slice(0, -2);
  return [target("SQLite, ended", ended, older), target("SQLite, killed", killed, before)];
}

function target(name: string, files: Files, older: readonly Files[]): Target {
  return {
    name,
    files,
    older,
    read,
    isLocated: (message) => /store\.db(-wal|-seal)?( is damaged|.*byte \d+|.*record)/.test(message),
  };
}

/** As a part loads it. */
function read(files: Files): string {
  const dir = mkdtempSync(join(MEMORY, "meseta-damaged-"));
  try {
    for (const [name, bytes] of files) writeFileSync(join(dir, name), bytes);
    const file = new SqliteFile(join(dir, "store.db"));
    try {
      return JSON.stringify([file.look().version, file.scan("")]);
    } finally {
      file.close();
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** The file of shared memory is made anew by whoever opens the store. */
function filesIn(dir: string): Files {
  mkdirSync(dir, { recursive: true });
  const names = readdirSync(dir).filter((name) => !name.endsWith("-shm"));
  return new Map(names.map((name) => [name, readFileSync(join(dir, name))]));
}

function changeOf(random: Random): Change {
  const puts = new Map<string, string>();
  for (let i = random.below(12); i >= 0; i--) {
    const value = JSON.stringify({
      of: random.uuid(),
      text: "x".repeat(random.below(random.below(8) === 0 ? 9_000 : 300)),
    });
    puts.set(`record/${random.below(60)}`, value);
  }
  // Of a size that never changes: an older page of these looks as whole as a newer one.
  for (let i = 0; i < 3; i++)
    puts.set(`weight/${random.below(90)}`, JSON.stringify({ weight: 100 + random.below(900) }));
  const deletes = new Set([`record/${random.below(60)}`].filter((key) => !puts.has(key)));
  return { puts, deletes };
}
