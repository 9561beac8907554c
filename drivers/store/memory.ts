import { type Change, EpochRefused, type Opened, type Store } from "@meseta/lib/core/ports/store.ts";

/** What survives when the owner of a memory store goes away: the simulator's disk. */
export interface MemoryDisk {
  epoch: number;
  version: number;
  records: Map<string, string>;
}

export function createMemoryDisk(): MemoryDisk {
  return { epoch: 0, version: 0, records: new Map() };
}

/** A store in memory: for tests and the simulator. Its commits are durable as long as `disk` is kept. */
export function createMemoryStore(disk: MemoryDisk = createMemoryDisk()): Store {
  return {
    maxRecords: 100_000,
    async open(): Promise<Opened> {
      disk.epoch++;
      return { epoch: disk.epoch, version: disk.version };
    },
    async scan(prefix) {
      const found = [...disk.records].filter(([key]) => key.startsWith(prefix));
      return found.sort(([a], [b]) => (a < b ? -1 : 1));
    },
    async commit(change, epoch) {
      commitToDisk(disk, change, epoch);
    },
    async close() {},
  };
}

/** The synchronous heart of `commit`, for a simulator that decides itself when a commit lands. */
export function commitToDisk(disk: MemoryDisk, change: Change, epoch: number): void {
  if (epoch !== disk.epoch) throw new EpochRefused(epoch, disk.epoch);
  for (const [key, value] of change.puts) disk.records.set(key, value);
  for (const key of change.deletes) disk.records.delete(key);
  disk.version++;
}
