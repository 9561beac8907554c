import type { Store } from "@meseta/lib/core/ports/store.ts";
import { Disk } from "@meseta/lib/io/disk.rig.ts";

/** A disk that tells how often something was stored on it. */
export class CountedDisk {
  commits = 0;
  readonly #disk = new Disk();

  get records(): ReadonlyMap<string, string> {
    return this.#disk.records;
  }

  open(): Store {
    const store = this.#disk.open();
    return {
      ...store,
      commit: (change, epoch) => {
        this.commits++;
        return store.commit(change, epoch);
      },
    };
  }

  /** All records, in the order of their keys. */
  picture(): string {
    return JSON.stringify([...this.records].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
