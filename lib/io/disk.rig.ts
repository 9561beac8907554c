import { type Store, StoreFailed } from "../core/ports/store.ts";

/** The disk of a machine: it outlives the daemons that use it. */
export class Disk {
  readonly records = new Map<string, string>();
  epoch = 0;
  /** While it is set, nothing can be stored. */
  failure: Error | undefined;
  /** Commits wait for it. */
  held: Promise<void> = Promise.resolve();

  open(): Store {
    const { records } = this;
    return {
      maxRecords: 100_000,
      open: async () => ({ epoch: ++this.epoch, version: 0 }),
      scan: async (prefix) => [...records].filter(([key]) => key.startsWith(prefix)),
      commit: async ({ puts, deletes }) => {
        await this.held;
        if (this.failure !== undefined) throw new StoreFailed(this.failure.message);
        for (const [key, value] of puts) records.set(key, value);
        for (const key of deletes) records.delete(key);
      },
      close: async () => {},
    };
  }
}
