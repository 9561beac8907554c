import { commitToDisk, createMemoryDisk, type MemoryDisk } from "@meseta/drivers/store/memory.ts";
import { type Change, type Store, StoreDamaged, StoreFailed } from "@meseta/lib/core/ports/store.ts";
import type { World } from "./world.ts";

/** A disk of the simulated machine: commits take time, a crash may lose the one under way, and it can be full, slow, fail, or forget what it was given. */
export class Disk {
  readonly records: MemoryDisk = createMemoryDisk();
  readonly #world: World;
  full = false;
  /** The longest that a commit takes. */
  slownessMs = 4;
  /** How many of the next commits fail: each has reached the disk, or has not, and nobody can tell. */
  failures = 0;
  /** Nothing can be read. */
  unreadable = false;
  /** The key of a record whose bytes are no more what was written; writing it again mends it. */
  damaged: string | undefined;
  /** Told of each change that became durable. */
  onCommit: (change: Change) => void = () => {};
  /** The same, of whatever part. */
  onStored: (change: Change) => void = () => {};
  /** Told when somebody has put other files there. */
  onReplaced: () => void = () => {};
  #counted: { left: number; then: () => void } | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  /** Nothing more goes wrong by itself: what was to happen at a later commit does not. */
  disarm(): void {
    this.#counted = undefined;
    this.failures = 0;
  }

  /** When so many more commits are on the disk, and before anybody knows of the last of them, this is done. */
  afterCommits(left: number, then: () => void): void {
    this.#counted = { left, then };
  }

  /** Somebody puts other files there, while nobody uses them. */
  replace(by: ReadonlyMap<string, string>): void {
    const { records } = this.records;
    records.clear();
    for (const [key, text] of by) records.set(key, text);
    this.onReplaced();
  }

  /** What is durable elsewhere, and only shown here. */
  show(change: Change): void {
    for (const [key, value] of change.puts) this.records.records.set(key, value);
    for (const key of change.deletes) this.records.records.delete(key);
    this.onStored(change);
    this.onCommit(change);
    this.#count();
  }

  /** How many tries at reading found a record that was damaged, and were refused. */
  refusedReads = 0;

  /**
   * A store on this disk for one life of a process. `isAlive` tells whether that life still goes on when a commit
   * reaches the disk: after a crash it lands in half of the cases, unseen by anyone.
   */
  store(isAlive: () => boolean): Store {
    return {
      maxRecords: 100_000,
      open: async () => ({ epoch: ++this.records.epoch, version: this.records.version }),
      scan: async (prefix) => this.#scan(prefix),
      commit: (change, epoch) => this.#commit(copy(change), epoch, isAlive),
      close: async () => {},
    };
  }

  #scan(prefix: string): [string, string][] {
    if (this.unreadable) throw new StoreFailed("read: input/output error");
    if (this.damaged?.startsWith(prefix)) {
      this.refusedReads++;
      throw new StoreDamaged(`record ${this.damaged} is damaged`);
    }
    return [...this.records.records].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1));
  }

  #commit(change: Change, epoch: number, isAlive: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#world.after(this.#world.between(0, this.slownessMs), () => {
        const alive = isAlive();
        if (!alive && (epoch !== this.records.epoch || this.#world.chance(50))) return;
        if (this.full) return reject(new StoreFailed("no space left on device"));
        const fails = this.failures > 0;
        if (fails) this.failures--;
        if (fails && this.#world.chance(50)) return reject(new StoreFailed("fsync: input/output error"));
        try {
          commitToDisk(this.records, change, epoch);
        } catch (error) {
          return reject(error);
        }
        if (this.damaged !== undefined && (change.puts.has(this.damaged) || change.deletes.has(this.damaged)))
          this.damaged = undefined;
        this.onStored(change);
        this.onCommit(change);
        this.#count();
        if (fails) reject(new StoreFailed("fsync: input/output error"));
        else if (alive) resolve();
      });
    });
  }

  #count(): void {
    const counted = this.#counted;
    if (counted === undefined || --counted.left > 0) return;
    this.#counted = undefined;
    counted.then();
  }
}

const copy = ({ puts, deletes }: Change): Change => ({ puts: new Map(puts), deletes: new Set(deletes) });
