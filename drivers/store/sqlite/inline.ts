import { closeSync, fdatasync, fsyncSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { type Store, StoreFailed } from "@meseta/lib/core/ports/store.ts";
import { SqliteFile } from "./file.ts";

/**
 * SQLite on the caller's own thread, of which only the disk's flush is waited for elsewhere. Right for an agent, whose
 * memory counts (a worker costs 11 MiB): a commit costs it some microseconds a record, and its loop goes on meanwhile.
 */
export function openSqliteInline(path: string): Store {
  const file = new SqliteFile(path, { flushes: "by the caller" });
  let log: number | undefined;
  let flushing: Promise<void> = Promise.resolve();
  let ended: Promise<void> | undefined;
  return {
    maxRecords: 100_000,
    async open() {
      const opened = file.open();
      log ??= openLog(path);
      await flush(log, path);
      return opened;
    },
    scan: async (prefix) => file.scan(prefix),
    async commit(change, epoch) {
      file.commit(change, epoch);
      if (log !== undefined) await (flushing = flush(log, path));
    },
    close() {
      ended ??= (async () => {
        await flushing.catch(() => {});
        if (log !== undefined) closeSync(log);
        log = undefined;
        file.close();
      })();
      return ended;
    },
  };
}

// The log is one file for as long as somebody has the database open. That it exists must be on the disk, too.
function openLog(path: string): number {
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
  return openSync(`${path}-wal`, "r+");
}

function flush(log: number, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    fdatasync(log, (error) => {
      if (error === null) resolve();
      else reject(new StoreFailed(`cannot commit ${path}: ${error.message}`));
    });
  });
}
