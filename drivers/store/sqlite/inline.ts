import type { Store } from "@meseta/lib/core/ports/store.ts";
import { SqliteFile } from "./file.ts";

/**
 * SQLite on the caller's own thread: a commit blocks the event loop for one disk flush. Right for an agent, whose
 * memory counts more than its throughput (a worker costs 11 MiB).
 */
export function openSqliteInline(path: string): Store {
  const file = new SqliteFile(path);
  return {
    maxRecords: 100_000,
    open: async () => file.open(),
    scan: async (prefix) => file.scan(prefix),
    commit: async (change, epoch) => file.commit(change, epoch),
    close: async () => file.close(),
  };
}
