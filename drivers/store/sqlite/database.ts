import { randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { type Opened, StoreDamaged, StoreFailed, StoreInUse, StoreNewer } from "@meseta/lib/core/ports/store.ts";
import { findLogDamage } from "./log.ts";
import { byteOfRecord, withByte } from "./place.ts";
import { readSeal, removeSeal, sealOf } from "./seal.ts";

export interface SqliteOptions {
  /** Whether a commit flushes the log itself, or its caller does. */
  readonly flushes?: "itself" | "by the caller";
  /** Nobody else has the file open, nor can open it before this is closed; throws StoreInUse where somebody has. */
  readonly alone?: boolean;
}

/**
 * Opens the database of a store, which is made when there never was one. Throws StoreDamaged when it is not as SQLite wrote it, StoreNewer when a newer
 * release did.
 */
export function openDatabase(path: string, { flushes = "itself", alone = false }: SqliteOptions): DatabaseSync {
  if (!existsSync(path)) make(path);
  const sealed = readSeal(path);
  const isSound = inspect(path, alone, sealed);
  const db = new DatabaseSync(path);
  try {
    if (alone) takeAlone(db, path);
    const synchronous = flushes === "itself" ? "FULL" : "NORMAL";
    db.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; PRAGMA busy_timeout = 2000; PRAGMA cache_size = -2048;`,
    );
    if (!isSound) checkDatabase(db, sealed);
    bringUp(db, path);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Reads each page, cell and record, each index against its table, and what was committed last against all records. `sealed`: what was durable at some time before. */
export function checkDatabase(db: DatabaseSync, sealed?: Opened): void {
  const { integrity_check: found } = db.prepare("PRAGMA integrity_check(1)").get() as { integrity_check: string };
  if (found !== "ok") throw corrupt(withByte(db, found));
  if (formOf(db) > FORM) return;
  const owner = db.prepare("SELECT * FROM owner").get() as (Opened & { crc?: number }) | undefined;
  if (owner === undefined) throw corrupt("it says nothing of its owner");
  if (owner.crc !== undefined && owner.crc !== ownerChecksum(owner.epoch, owner.version)) throw corrupt(OWNER_DAMAGED);
  if (sealed !== undefined && sealed.version > owner.version)
    throw corrupt(`it holds ${owner.version} commits, and had ${sealed.version}: ${OLDER}`);
  checkRecords(db);
  if (!hasTotal(db)) return;
  if (triggersOf(db) !== TRIGGERS.join()) throw corrupt("its triggers are not ours (in its list of tables, byte 0)");
  if (db.prepare(`SELECT 1 FROM owner WHERE total <> (${TOTAL})`).get() !== undefined) throw corrupt(MIXED_TIMES);
}

// Here, and not only when they are read: whoever takes the store over has changed it.
function checkRecords(db: DatabaseSync): void {
  const each = db.prepare("SELECT rowid, key, value, crc FROM record");
  each.setReturnArrays(true);
  for (const row of each.iterate() as Iterable<unknown>) {
    const [rowid, key, value, crc] = row as [number, string, string, number];
    if (crc !== recordChecksum(key, value)) throw corrupt(recordDamage(db, rowid, key));
  }
}

/** Which record it is that fails its checksum, and where it lies. */
export function recordDamage(db: DatabaseSync, rowid: number, key: string): string {
  const byte = byteOfRecord(db, db.location()!, rowid);
  return `record ${rowid} (${key}) fails its checksum${byte === undefined ? "" : `, at byte ${byte}`}`;
}

/** What each record carries, because SQLite itself does not notice a flipped bit inside a page. */
export function recordChecksum(key: string, value: string): number {
  return crc32(value, crc32(key));
}

export const OWNER_DAMAGED = "the row of its owner fails its checksum";
const OLDER = "it is an older copy, or its log is gone or has lost its end";
const MIXED_TIMES = "the sum of all records is not that of the last commit: some of its pages are older than others";

/** The checksum of the row that says whose the store is. */
export function ownerChecksum(epoch: number, version: number): number {
  return crc32(`${epoch} ${version}`);
}

/** What SQLite says, as an error of a store. */
export function asStoreError(path: string, what: string, error: Error & { errcode?: number }): Error {
  const code = (error.errcode ?? 0) & 0xff;
  if (code === SQLITE_CORRUPT || code === SQLITE_NOTADB || /^no such (table|column)/.test(error.message))
    return new StoreDamaged(damaged(path, placed(error.message)));
  if (error.errcode === SQLITE_SHORT_READ) return new StoreDamaged(damaged(path, "it ends before its last page"));
  return new StoreFailed(`cannot ${what} ${path}: ${error.message}`);
}

export function damaged(path: string, detail: string): string {
  return `${path} is damaged: ${detail}. Restore it from a backup, or move it away, with ${sealOf(path)}, to start empty.`;
}

// What SQLite refuses without a page is the header or the list of tables.
function placed(found: string): string {
  const isOurs = !SQLITE_SAYS.test(found);
  return isOurs ? found : `${found} (its first page, byte 0)`;
}

/** As SQLite's own error of a file that is not as it should be. */
export function corrupt(found: string): Error {
  return Object.assign(new Error(found), { errcode: SQLITE_CORRUPT });
}

const SQLITE_BUSY = 5;
const SQLITE_READONLY = 8;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;
const SQLITE_SHORT_READ = 522;
const SQLITE_SAYS = /^(database disk image is malformed|malformed database schema|file is not a database|no such)/;

/** Of what tables there are and what they mean. */
const FORM = 1;

const SCHEMA = `
  CREATE TABLE owner (only INTEGER PRIMARY KEY CHECK (only = 1), epoch INTEGER NOT NULL, version INTEGER NOT NULL, crc INTEGER);
  CREATE TABLE record (key TEXT NOT NULL UNIQUE, value TEXT NOT NULL, crc INTEGER NOT NULL);`;

/** The sum of the checksums of all records. */
const TOTAL = "SELECT coalesce(sum(crc), 0) FROM record";

// Kept right by SQLite itself, as whoever writes does it, an earlier release too; and for a tenth of what a look at each record before costs.
const TRIGGERS = [
  "CREATE TRIGGER changed AFTER UPDATE ON record BEGIN UPDATE owner SET total = total + new.crc - old.crc; END",
  "CREATE TRIGGER gone AFTER DELETE ON record BEGIN UPDATE owner SET total = total - old.crc; END",
  "CREATE TRIGGER put AFTER INSERT ON record BEGIN UPDATE owner SET total = total + new.crc; END",
];

const ADD_TOTAL = `ALTER TABLE owner ADD COLUMN total INTEGER; UPDATE owner SET total = (${TOTAL}); ${TRIGGERS.join("; ")};`;

// Under its name there is a whole database or none. So one that is empty, or lacks a table, has lost what it held, and is not made anew.
function make(path: string): void {
  const sealed = readSeal(path);
  if (sealed !== undefined)
    throw corrupt(`it is gone, and ${sealOf(path)} says that it held ${sealed.version} commits`);
  removeSeal(path);
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomBytes(6).toString("hex")}.new`;
  try {
    const db = new DatabaseSync(temporary);
    const epoch = Math.floor(Date.now() / 1000);
    try {
      db.exec(`PRAGMA synchronous = FULL; BEGIN; ${SCHEMA} PRAGMA user_version = ${FORM};
        INSERT INTO owner VALUES (1, ${epoch}, 0, ${ownerChecksum(epoch, 0)}); ${ADD_TOTAL} COMMIT`);
    } finally {
      db.close();
    }
    linkSync(temporary, path);
  } catch (error) {
    // Another process was faster.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
  const descriptor = openSync(folder, "r");
  fsyncSync(descriptor);
  closeSync(descriptor);
}

// Nothing is changed by this, and SQLite's log is left as it is: what is found can be looked at. False where a change has to be rolled back before anything can be said.
function inspect(path: string, alone: boolean, sealed: Opened | undefined): boolean {
  if (statSync(path).size === 0) throw corrupt("the file is empty, at byte 0");
  const damage = findLogDamage(`${path}-wal`);
  if (damage !== undefined)
    throw corrupt(`its log ${path}-wal is not as it was written: ${damage.what}, at byte ${damage.at}`);
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    db.exec(`PRAGMA busy_timeout = ${alone ? 0 : 2000}`);
    checkDatabase(db, sealed);
    return true;
  } catch (error) {
    if (((error as { errcode?: number }).errcode ?? 0) % 256 === SQLITE_READONLY) return false;
    throw alone ? inUseOf(path, error) : error;
  } finally {
    db.close();
  }
}

function formOf(db: DatabaseSync): number {
  return (db.prepare("PRAGMA user_version").get() as { user_version: number }).user_version;
}

// From what an earlier release wrote, in one transaction. Earlier releases work on what was brought up as well.
function bringUp(db: DatabaseSync, path: string): void {
  const form = formOf(db);
  if (form > FORM)
    throw new StoreNewer(
      `${path} is a file of form ${form}, made by a newer release; this one knows forms up to ${FORM}. Start that release again`,
    );
  if (form === FORM && hasTotal(db)) return;
  db.exec("BEGIN IMMEDIATE");
  const owner = db.prepare("SELECT epoch, version FROM owner").get() as Opened | undefined;
  if (owner === undefined) throw corrupt("it says nothing of its owner");
  if (!hasColumn(db, "crc"))
    db.exec(
      `ALTER TABLE owner ADD COLUMN crc INTEGER; UPDATE owner SET crc = ${ownerChecksum(owner.epoch, owner.version)}`,
    );
  if (!hasTotal(db)) db.exec(ADD_TOTAL);
  db.exec(`PRAGMA user_version = ${FORM}; COMMIT`);
}

function hasTotal(db: DatabaseSync): boolean {
  return hasColumn(db, "total");
}

function triggersOf(db: DatabaseSync): string {
  const found = db.prepare("SELECT sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name").all() as {
    sql: string;
  }[];
  return found.map(({ sql }) => sql).join();
}

function hasColumn(db: DatabaseSync, name: string): boolean {
  const columns = db.prepare("PRAGMA table_info(owner)").all() as { name: string }[];
  return columns.some((column) => column.name === name);
}

// Whoever has the file open holds a lock on it, which ends with its process.
function takeAlone(db: DatabaseSync, path: string): void {
  try {
    db.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT");
  } catch (error) {
    throw inUseOf(path, error);
  }
}

function inUseOf(path: string, error: unknown): unknown {
  return isBusy(error) ? new StoreInUse(path) : error;
}

/** Whether SQLite has thrown this because another connection has a lock. */
export function isBusy(error: unknown): boolean {
  return ((error as { errcode?: number }).errcode ?? 0) % 256 === SQLITE_BUSY;
}
