import { randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { StoreDamaged, StoreFailed, StoreNewer } from "@meseta/lib/core/ports/store.ts";

export interface SqliteOptions {
  /** Whether a commit flushes the log itself, or its caller does. */
  readonly flushes?: "itself" | "by the caller";
  /** Nobody else has the file open, nor can open it before this is closed; throws StoreInUse where somebody has. */
  readonly alone?: boolean;
}

/** Another process has the store open. */
export class StoreInUse extends StoreFailed {
  override name = "StoreInUse";
}

/**
 * Opens the database of a store, which is made when there is no file. Throws StoreDamaged when it is not as SQLite wrote it, StoreNewer when a newer
 * release did.
 */
export function openDatabase(path: string, { flushes = "itself", alone = false }: SqliteOptions): DatabaseSync {
  if (!existsSync(path)) make(path);
  if (statSync(path).size === 0) throw corrupt("the file is empty");
  const db = new DatabaseSync(path);
  try {
    if (alone) takeAlone(db, path);
    const synchronous = flushes === "itself" ? "FULL" : "NORMAL";
    db.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; PRAGMA busy_timeout = 2000; PRAGMA cache_size = -2048;`,
    );
    checkDatabase(db);
    bringUp(db, path);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Reads each page and cell, and each index against its table. */
export function checkDatabase(db: DatabaseSync): void {
  const { integrity_check: found } = db.prepare("PRAGMA integrity_check(1)").get() as { integrity_check: string };
  if (found !== "ok") throw corrupt(found);
}

/** The checksum of the row that says whose the store is. */
export function ownerChecksum(epoch: number, version: number): number {
  return crc32(`${epoch} ${version}`);
}

/** What SQLite says, as an error of a store. */
export function asStoreError(path: string, what: string, error: Error & { errcode?: number }): Error {
  const code = (error.errcode ?? 0) & 0xff;
  if (code === SQLITE_CORRUPT || code === SQLITE_NOTADB) return new StoreDamaged(damaged(path, error.message));
  return new StoreFailed(`cannot ${what} ${path}: ${error.message}`);
}

export function damaged(path: string, detail: string): string {
  return `${path} is damaged: ${detail}. Restore it from a backup, or move the file away to start empty.`;
}

/** As SQLite's own error of a file that is not as it should be. */
export function corrupt(found: string): Error {
  return Object.assign(new Error(found), { errcode: SQLITE_CORRUPT });
}

const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

/** Of what tables there are and what they mean. */
const FORM = 1;

const SCHEMA = `
  CREATE TABLE owner (only INTEGER PRIMARY KEY CHECK (only = 1), epoch INTEGER NOT NULL, version INTEGER NOT NULL, crc INTEGER);
  CREATE TABLE record (key TEXT NOT NULL UNIQUE, value TEXT NOT NULL, crc INTEGER NOT NULL);`;

// Under its name there is a whole database or none. So one that is empty, or lacks a table, has lost what it held, and is not made anew.
function make(path: string): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomBytes(6).toString("hex")}.new`;
  try {
    const db = new DatabaseSync(temporary);
    const epoch = Math.floor(Date.now() / 1000);
    try {
      db.exec(`PRAGMA synchronous = FULL; BEGIN; ${SCHEMA} PRAGMA user_version = ${FORM};
        INSERT INTO owner VALUES (1, ${epoch}, 0, ${ownerChecksum(epoch, 0)}); COMMIT`);
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

// From what an earlier release wrote, in one transaction.
function bringUp(db: DatabaseSync, path: string): void {
  const { user_version: form } = db.prepare("PRAGMA user_version").get() as { user_version: number };
  if (form === FORM) return;
  if (form > FORM)
    throw new StoreNewer(
      `${path} is a file of form ${form}, made by a newer release; this one knows forms up to ${FORM}. Start that release again`,
    );
  db.exec("BEGIN IMMEDIATE");
  const columns = db.prepare("PRAGMA table_info(owner)").all() as { name: string }[];
  const owner = db.prepare("SELECT epoch, version FROM owner").get() as { epoch: number; version: number } | undefined;
  if (owner === undefined) throw corrupt("it says nothing of its owner");
  if (!columns.some(({ name }) => name === "crc"))
    db.exec(
      `ALTER TABLE owner ADD COLUMN crc INTEGER; UPDATE owner SET crc = ${ownerChecksum(owner.epoch, owner.version)}`,
    );
  db.exec(`PRAGMA user_version = ${FORM}; COMMIT`);
}

// Whoever has the file open holds a lock on it, which ends with its process.
function takeAlone(db: DatabaseSync, path: string): void {
  try {
    db.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT");
  } catch (error) {
    if (((error as { errcode?: number }).errcode ?? 0) % 256 === SQLITE_BUSY)
      throw new StoreInUse(`another process has ${path} open`);
    throw error;
  }
}
