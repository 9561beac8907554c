import { closeSync, fdatasync, fstatSync, fsyncSync, openSync, readSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { type Store, StoreFailed } from "@meseta/lib/core/ports/store.ts";
import { SqliteFile } from "./file.ts";

/**
 * SQLite on the caller's own thread, of which only the disk's flush is waited for elsewhere. Right for an agent, whose
 * memory counts (a worker costs 11 MiB): a commit costs it some microseconds a record, and its loop goes on meanwhile.
 */
export function openSqliteInline(path: string): Store {
  const file = new SqliteFile(path, { flushes: "by the caller" });
  let log: Log | undefined;
  let flushing: Promise<void> = Promise.resolve();
  let ended: Promise<void> | undefined;
  return {
    maxRecords: 100_000,
    async open(above) {
      const opened = file.open(above);
      log ??= new Log(path);
      await log.flush();
      file.isDurable(opened);
      return opened;
    },
    scan: async (prefix) => file.scan(prefix),
    async commit(change, epoch) {
      const committed = file.commit(change, epoch);
      if (log === undefined) return;
      await (flushing = log.flush());
      file.isDurable(committed);
    },
    close() {
      ended ??= (async () => {
        await flushing.catch(() => {});
        log?.close();
        log = undefined;
        file.close();
      })();
      return ended;
    },
  };
}

/** SQLite's log: one file for as long as somebody has the database open. */
class Log {
  readonly #path: string;
  readonly #file: number;
  #isSuspect = false;
  #failures = 0;

  // That it exists must be on the disk, too.
  constructor(path: string) {
    this.#path = path;
    const folder = openSync(dirname(path), "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
    this.#file = openSync(`${path}-wal`, "r+");
  }

  /** Rejects with StoreFailed. What the flush was of is then written once more before the next one. */
  flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        this.#isSuspect = true;
        this.#failures++;
        reject(new StoreFailed(`cannot commit ${this.#path}: ${error.message}`));
      };
      try {
        if (this.#isSuspect) this.#writeAgain();
      } catch (error) {
        return fail(error as Error);
      }
      const before = this.#failures;
      fdatasync(this.#file, (error) => {
        if (error !== null) return fail(error);
        if (this.#failures === before) this.#isSuspect = false;
        resolve();
      });
    });
  }

  close(): void {
    closeSync(this.#file);
  }

  // A kernel that could not write pages tells it once, and takes them for written: the next flush would succeed without them.
  #writeAgain(): void {
    const bytes = Buffer.alloc(fstatSync(this.#file).size);
    const length = readSync(this.#file, bytes, 0, bytes.length, 0);
    for (let at = 0; at < length; ) at += writeSync(this.#file, bytes, at, length - at, at);
  }
}
