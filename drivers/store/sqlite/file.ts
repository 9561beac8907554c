import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import {
  type Change,
  checkLengths,
  EpochRefused,
  type Opened,
  StoreDamaged,
  StoreFailed,
} from "@meseta/lib/core/ports/store.ts";
import { endOf } from "../prefix.ts";

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
 * One SQLite database as a record store, synchronous. WAL with `synchronous=FULL`: a commit returns after the log is
 * on the disk (sqlite.org/pragma.html#pragma_synchronous); or with NORMAL, where the caller flushes the log after each
 * commit, and may do so without waiting. Each record carries a checksum of key and value, because
 * SQLite itself does not notice a flipped bit inside a page.
 */
export class SqliteFile {
  readonly path: string;
  readonly #db: DatabaseSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #owner: StatementSync;
  readonly #bump: StatementSync;

  constructor(path: string, { flushes = "itself", alone = false }: SqliteOptions = {}) {
    this.path = path;
    if (!existsSync(dirname(path))) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#db = this.#attempt("open", () => openDatabase(path, flushes === "itself" ? "FULL" : "NORMAL", alone));
    this.#put = this.#db.prepare(PUT);
    this.#delete = this.#db.prepare("DELETE FROM record WHERE key = ?");
    this.#owner = this.#db.prepare("SELECT epoch, version FROM owner");
    this.#bump = this.#db.prepare("UPDATE owner SET version = version + 1");
  }

  open(): Opened {
    return this.#attempt("open", () => {
      this.#db.exec("UPDATE owner SET epoch = max(epoch + 1, unixepoch())");
      return this.#owner.get() as unknown as Opened;
    });
  }

  /** As `open` tells it, without taking the store over. */
  look(): Opened {
    return this.#attempt("read", () => this.#owner.get() as unknown as Opened);
  }

  /** Reads each page, index and cell of the file. Throws StoreDamaged with what SQLite finds. */
  check(): void {
    this.#attempt("check", () => {
      const [found] = this.#db.prepare("PRAGMA integrity_check(1)").all() as { integrity_check: string }[];
      if (found!.integrity_check !== "ok") throw corrupt(found!.integrity_check);
    });
  }

  scan(prefix: string): [string, string][] {
    const end = endOf(prefix);
    const rows = this.#attempt("scan", () =>
      end === undefined
        ? this.#db.prepare(`${SELECT} ORDER BY key`).all(prefix)
        : this.#db.prepare(`${SELECT} AND key < ? ORDER BY key`).all(prefix, end),
    );
    return rows.map((row) => {
      const { rowid, key, value, crc } = row as { rowid: number; key: string; value: string; crc: number };
      if (crc !== checksum(key, value))
        throw new StoreDamaged(damaged(this.path, `record ${rowid} (${key}) fails its checksum`));
      return [key, value];
    });
  }

  commit(change: Change, epoch: number): void {
    this.#attempt("commit", () => {
      this.#db.exec("BEGIN IMMEDIATE");
      try {
        const owner = this.#owner.get() as unknown as Opened;
        if (owner.epoch !== epoch) throw new EpochRefused(epoch, owner.epoch);
        this.#write(change);
        this.#db.exec("COMMIT");
      } catch (error) {
        this.#rollBack();
        throw error;
      }
    });
  }

  close(): void {
    this.#db.close();
  }

  #write(change: Change): void {
    checkLengths(change);
    for (const [key, value] of change.puts) this.#put.run(key, value, checksum(key, value));
    for (const key of change.deletes) this.#delete.run(key);
    this.#bump.run();
  }

  #rollBack(): void {
    try {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
    } catch {
      // SQLite has rolled back by itself, as it does when the disk is full.
    }
  }

  #attempt<T>(what: string, action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (error instanceof EpochRefused || error instanceof StoreFailed) throw error;
      throw asStoreError(this.path, what, error as Error & { errcode?: number });
    }
  }
}

const SELECT = "SELECT rowid, key, value, crc FROM record WHERE key >= ?";

// In place: REPLACE would delete the row and write another one, with its entry in the index, and the log grew twice as fast.
const PUT = `INSERT INTO record (key, value, crc) VALUES (?, ?, ?)
  ON CONFLICT (key) DO UPDATE SET value = excluded.value, crc = excluded.crc`;

// Epochs are at least the time of day, so that a store which was lost and made anew, or filled from a copy, still comes after the old: whoever
// has obeyed the old one obeys the new one.
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS owner (only INTEGER PRIMARY KEY CHECK (only = 1), epoch INTEGER NOT NULL, version INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS record (key TEXT NOT NULL UNIQUE, value TEXT NOT NULL, crc INTEGER NOT NULL);
  INSERT OR IGNORE INTO owner VALUES (1, unixepoch(), 0);`;

function openDatabase(path: string, synchronous: "FULL" | "NORMAL", alone: boolean): DatabaseSync {
  const db = new DatabaseSync(path);
  try {
    if (alone) takeAlone(db, path);
    db.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; PRAGMA busy_timeout = 2000; PRAGMA cache_size = -2048;`,
    );
    const health = db.prepare("PRAGMA quick_check(1)").get() as { quick_check: string };
    if (health.quick_check !== "ok") throw corrupt(health.quick_check);
    db.exec(SCHEMA);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
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

function corrupt(found: string): Error {
  return Object.assign(new Error(found), { errcode: SQLITE_CORRUPT });
}

const SQLITE_BUSY = 5;

const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

function asStoreError(path: string, what: string, error: Error & { errcode?: number }): Error {
  const code = (error.errcode ?? 0) & 0xff;
  if (code === SQLITE_CORRUPT || code === SQLITE_NOTADB) return new StoreDamaged(damaged(path, error.message));
  return new StoreFailed(`cannot ${what} ${path}: ${error.message}`);
}

function damaged(path: string, detail: string): string {
  return `${path} is damaged: ${detail}. Restore it from a backup, or move the file away to start empty.`;
}

function checksum(key: string, value: string): number {
  return crc32(value, crc32(key));
}
