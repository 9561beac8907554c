import {
  type Change,
  checkLengths,
  EpochRefused,
  type Opened,
  type Store,
  StoreFailed,
} from "@meseta/lib/core/ports/store.ts";

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
  let closed = false;
  const whileOpen = (): void => {
    if (closed) throw new StoreFailed("the store is closed");
  };
  return {
    maxRecords: 100_000,
    async open(above = 0): Promise<Opened> {
      whileOpen();
      disk.epoch = Math.max(disk.epoch, above) + 1;
      return { epoch: disk.epoch, version: disk.version };
    },
    async scan(prefix) {
      whileOpen();
      const found = [...disk.records].filter(([key]) => key.startsWith(prefix));
      return found.sort(([a], [b]) => inOrder(a, b));
    },
    async commit(change, epoch) {
      whileOpen();
      commitToDisk(disk, change, epoch);
    },
    async close() {
      closed = true;
    },
  };
}

/** The synchronous heart of `commit`, for a simulator that decides itself when a commit lands. */
export function commitToDisk(disk: MemoryDisk, change: Change, epoch: number): void {
  if (epoch !== disk.epoch) throw new EpochRefused(epoch, disk.epoch);
  checkLengths(change);
  for (const [key, value] of change.puts) disk.records.set(key, value);
  for (const key of change.deletes) disk.records.delete(key);
  disk.version++;
}

// As the bytes of UTF-8 are ordered. In UTF-16 only what lies beyond 16 bits is elsewhere: its halves come before U+E000.
function inOrder(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (left !== right) return left >= 0xd800 && right >= 0xd800 ? rank(left) - rank(right) : left - right;
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  return unit >= 0xe000 ? unit - 0x10000 : unit;
}
