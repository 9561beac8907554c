import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Change, StoreDamaged, StoreFailed, StoreNewer } from "@meseta/lib/core/ports/store.ts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SqliteFile } from "./file.ts";

// Thousands of files are written and read, none of which must outlive anything.
const MEMORY = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

const PAGE = 4096;

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
    // The form that the file says it has may be what was damaged.
    else expect([StoreFailed.name, StoreNewer.name]).toContain((error as Error).name);
    return undefined;
  }
}

function puts(entries: Readonly<Record<string, string>>): Change {
  return { puts: new Map(Object.entries(entries)), deletes: new Set() };
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

  it("of which a page is older than the others is refused, also when each record in it fits its checksum", () => {
    const file = new SqliteFile(path);
    const { epoch } = file.open();
    file.commit(puts({ last: "before" }), epoch);
    file.close();
    const older = readFileSync(path);
    const again = new SqliteFile(path);
    again.commit(puts({ last: "latest" }), epoch);
    again.close();
    const bytes = readFileSync(path);
    const begin = (at: number) => at - (at % PAGE);
    const at = begin(bytes.indexOf("latest"));
    older.copy(bytes, at, at, at + PAGE);
    put(bytes);
    expect(() => new SqliteFile(path)).toThrow("some of its pages are older than others");
  });

  it("of which the log is damaged is refused with the byte, where SQLite would forget what follows", () => {
    const file = new SqliteFile(path);
    const { epoch } = file.open();
    for (let i = 0; i < 5; i++) file.commit(puts({ [`log/${i}`]: "z" }), epoch);
    const log = readFileSync(`${path}-wal`);
    const database = readFileSync(path);
    file.close();
    put(database);
    log[32 + 24 + 5_000]! ^= 1;
    writeFileSync(`${path}-wal`, log);
    expect(() => new SqliteFile(path)).toThrow(/store\.db-wal is not as it was written: frame 2 .* at byte 4152/);
    expect(readFileSync(`${path}-wal`).equals(log), "and stays as it was").toBe(true);
  });

  it("that is an older copy, has lost its log, or is gone, is refused, as its seal says; without the seal it is begun anew", () => {
    const file = new SqliteFile(path);
    file.commit(puts({ last: "word" }), file.open().epoch);
    file.close();
    put(whole);
    expect(() => new SqliteFile(path)).toThrow("it holds 30 commits, and had 31");
    rmSync(path);
    expect(() => new SqliteFile(path)).toThrow("store.db-seal says that it held 31 commits");
    rmSync(`${path}-seal`);
    new SqliteFile(path).close();
  });

  it("whose seal cannot be read is as it was before there were seals", () => {
    writeFileSync(`${path}-seal`, "nonsense");
    expect(reading()).toBe(good);
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
