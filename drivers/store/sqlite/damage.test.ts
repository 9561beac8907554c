import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StoreDamaged, StoreFailed } from "@meseta/lib/core/ports/store.ts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SqliteFile } from "./file.ts";

// Thousands of files are written and read, none of which must outlive anything.
const MEMORY = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

let dir: string;
let path: string;
let whole: Buffer;
let good: string;
beforeEach(() => {
  dir = mkdtempSync(join(MEMORY, "meseta-damage-"));
  path = join(dir, "store.db");
  const file = new SqliteFile(path);
  const { epoch } = file.open();
  for (let i = 0; i < 30; i++) {
    const puts = new Map([
      [`agent/${i}`, JSON.stringify({ i, text: "y".repeat(i * 37) })],
      [`role/${i % 3}`, `${i}`],
    ]);
    file.commit({ puts, deletes: new Set(i % 5 === 4 ? [`agent/${i - 2}`] : []) }, epoch);
  }
  file.close();
  whole = readFileSync(path);
  good = reading()!;
});
afterEach(() => rmSync(dir, { recursive: true }));

/** All that a part would start from; undefined when the file was refused as damaged. */
function reading(): string | undefined {
  try {
    const file = new SqliteFile(path);
    try {
      return JSON.stringify([file.look(), file.scan("")]);
    } finally {
      file.close();
    }
  } catch (error) {
    if (error instanceof StoreDamaged) expect(error.message).toContain(`${path} is damaged: `);
    else expect(error).toBeInstanceOf(StoreFailed);
    return undefined;
  }
}

function put(bytes: Buffer): void {
  for (const end of ["-wal", "-shm", "-journal"]) rmSync(path + end, { force: true });
  writeFileSync(path, bytes);
}

describe("a SQLite store", () => {
  it("of which any bit is flipped is refused, or read as it was", () => {
    let refused = 0;
    for (let at = 0; at < whole.length; at += 29) {
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 1 << (at % 8);
      put(bytes);
      const read = reading();
      if (read === undefined) refused++;
      else expect(read, `byte ${at}`).toBe(good);
    }
    expect(refused).toBeGreaterThan(300);
  });

  it("that is cut off anywhere is refused, also when nothing is left, and never begun anew", () => {
    for (let length = 0; length < whole.length; length += 512) {
      put(whole.subarray(0, length));
      expect(reading(), `length ${length}`).toBeUndefined();
      expect(readFileSync(path).length, "and stays as it was").toBe(length);
    }
  });

  it.each(["DELETE FROM owner", "DROP TABLE owner", "DROP TABLE record", "UPDATE owner SET epoch = 1"])(
    "in which somebody did %s is refused",
    (sql) => {
      const db = new DatabaseSync(path);
      db.exec(sql);
      db.close();
      expect(() => new SqliteFile(path).look()).toThrow(StoreDamaged);
    },
  );

  it("of an earlier release is brought up, and one of a newer release is refused by name", () => {
    const db = new DatabaseSync(path);
    db.exec("ALTER TABLE owner DROP COLUMN crc; PRAGMA user_version = 0");
    db.close();
    expect(reading()).toBe(good);
    expect(reading()).toBe(good);
    const newer = new DatabaseSync(path);
    newer.exec("PRAGMA user_version = 2");
    newer.close();
    expect(() => new SqliteFile(path)).toThrow(
      "is a file of form 2, made by a newer release; this one knows forms up to 1",
    );
  });
});
