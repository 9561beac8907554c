import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  type Change,
  checkLengths,
  EpochRefused,
  type Opened,
  StoreDamaged,
  StoreFailed,
  StoreNewer,
} from "@meseta/lib/core/ports/store.ts";
import { endOf } from "../prefix.ts";
import {
  asStoreError,
  checkDatabase,
  corrupt,
  damaged,
  OWNER_DAMAGED,
  openDatabase,
  ownerChecksum,
  recordChecksum,
  recordDamage,
  type SqliteOptions,
} from "./database.ts";
import { readSeal, Seal } from "./seal.ts";

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
  readonly #own: StatementSync;
  readonly #seal: Seal;
  readonly #flushes: boolean;

  constructor(path: string, options: SqliteOptions = {}) {
    this.path = path;
    this.#seal = new Seal(path);
    this.#flushes = options.flushes !== "by the caller";
    this.#db = this.#attempt("open", () => openDatabase(path, options));
    try {
      this.#put = this.#db.prepare(PUT);
      this.#delete = this.#db.prepare("DELETE FROM record WHERE key = ?");
      this.#owner = this.#db.prepare("SELECT epoch, version, crc FROM owner");
      this.#own = this.#db.prepare("UPDATE owner SET epoch = ?, version = ?, crc = ?");
    } catch (error) {
      this.#db.close();
      throw new StoreDamaged(damaged(path, (error as Error).message));
    }
  }

  /** The epoch is at least the time of day, so that a store which was lost and made anew, or filled from a copy, comes after all that were obeyed. */
  open(above = 0): Opened {
    // The log begins anew: what a power cut left behind its end is never taken for more of it.
    this.#attempt("open", () => this.#db.exec("PRAGMA wal_checkpoint(TRUNCATE)"));
    const opened = this.#transact("open", () => {
      const { epoch, version } = this.#whose();
      const next = { epoch: Math.max(epoch + 1, above + 1, Math.floor(Date.now() / 1000)), version };
      this.#write(next);
      return next;
    });
    if (this.#flushes) this.isDurable(opened);
    return opened;
  }

  /** As `open` tells it, without taking the store over. */
  look(): Opened {
    return this.#attempt("read", () => this.#whose());
  }

  /** Reads the whole file once more, as when it was opened. Throws StoreDamaged with what SQLite finds. */
  check(): void {
    const sealed = readSeal(this.path);
    this.#attempt("check", () => checkDatabase(this.#db, sealed));
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
      if (crc !== recordChecksum(key, value))
        throw new StoreDamaged(damaged(this.path, recordDamage(this.#db, rowid, key)));
      return [key, value];
    });
  }

  /** What is committed then: durable, unless the caller flushes. */
  commit(change: Change, epoch: number): Opened {
    const committed = this.#transact("commit", () => {
      const owner = this.#whose();
      if (owner.epoch !== epoch) throw new EpochRefused(epoch, owner.epoch);
      checkLengths(change);
      for (const [key, value] of change.puts) this.#put.run(key, value, recordChecksum(key, value));
      for (const key of change.deletes) this.#delete.run(key);
      const next = { epoch, version: owner.version + 1 };
      this.#write(next);
      return next;
    });
    if (this.#flushes) this.isDurable(committed);
    return committed;
  }

  /** So much is on the disk: the seal says so soon. Only to be told by a caller that flushes. */
  isDurable(committed: Opened): void {
    this.#seal.soon(committed);
  }

  close(): void {
    this.#seal.now();
    this.#db.close();
  }

  #whose(): Opened {
    const owner = this.#owner.get() as { epoch: number; version: number; crc: number } | undefined;
    if (owner === undefined || owner.crc !== ownerChecksum(owner.epoch, owner.version)) throw corrupt(OWNER_DAMAGED);
    return { epoch: owner.epoch, version: owner.version };
  }

  #write({ epoch, version }: Opened): void {
    this.#own.run(epoch, version, ownerChecksum(epoch, version));
  }

  #transact<T>(what: string, action: () => T): T {
    return this.#attempt(what, () => {
      this.#db.exec("BEGIN IMMEDIATE");
      try {
        const result = action();
        this.#db.exec("COMMIT");
        return result;
      } catch (error) {
        this.#rollBack();
        throw error;
      }
    });
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
      if (error instanceof EpochRefused || error instanceof StoreFailed || error instanceof StoreNewer) throw error;
      throw asStoreError(this.path, what, error as Error & { errcode?: number });
    }
  }
}

const SELECT = "SELECT rowid, key, value, crc FROM record WHERE key >= ?";

// In place: REPLACE would delete the row and write another one, with its entry in the index, and the log grew twice as fast.
const PUT = `INSERT INTO record (key, value, crc) VALUES (?, ?, ?)
  ON CONFLICT (key) DO UPDATE SET value = excluded.value, crc = excluded.crc`;
