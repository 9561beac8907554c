import {
  difference,
  FORMAT_KEY,
  type Format,
  GONE,
  isOfStore,
  NEXT,
  newerText,
  newest,
  type StoredFormat,
  type StoredRecords,
} from "./format.ts";
import { type Change, type Store, StoreFailed, StoreNewer } from "./ports/store.ts";

export interface FormattedOptions {
  readonly format: Format;
  /** Which release this is. */
  readonly release: string;
  /** The store as an operator knows it. */
  readonly place: string;
  /** Told when records were brought up from an older format. */
  migrated?(from: number, to: number): void;
}

export interface FormattedStore extends Store {
  /** Rejects with StoreNewer where a newer release has written the records; for who only waits to open it. */
  refuseNewer(): Promise<void>;
}

/**
 * A store whose records are of the newest format that this release knows, once it is open. Opening one that is newer rejects with StoreNewer and changes
 * nothing; the records of an older one are brought up. That is one commit where a commit can carry it. Else the new records are laid beside the old ones first, one
 * commit says that they count from now on, and then they are put into their places, so whoever is killed at any point of it leaves the old records whole, or what the
 * next to open goes on with. Reading all records rejects with StoreNewer when a newer release has followed since, and with StoreFailed while another process brings them up.
 */
export function formatted(store: Store, options: FormattedOptions): FormattedStore {
  return {
    maxRecords: store.maxRecords,
    async open(above) {
      await formatOf(store, options);
      const { epoch, version } = await store.open(above);
      // It was another one's until now.
      const found = await formatOf(store, options);
      const commits = await new Migrating(store, options, epoch).bringUp(found);
      return { epoch, version: version + commits };
    },
    async refuseNewer() {
      await formatOf(store, options);
    },
    async scan(prefix) {
      const records = await store.scan(prefix);
      // Who loads again may have been followed by a newer release since it opened the store.
      if (FORMAT_KEY.startsWith(prefix)) refuseUnread(records, options);
      return records;
    },
    commit: (change, epoch) => store.commit(change, epoch),
    close: () => store.close(),
  };
}

async function formatOf(store: Store, options: FormattedOptions): Promise<StoredFormat | undefined> {
  return knownFormat(await store.scan(FORMAT_KEY), options);
}

function refuseUnread(records: readonly (readonly [string, string])[], options: FormattedOptions): void {
  if (knownFormat(records, options)?.isUnderWay)
    throw new StoreFailed(`the records of ${options.place} are being brought up by another process`);
}

function knownFormat(
  records: readonly (readonly [key: string, text: string])[],
  { format, release, place }: FormattedOptions,
): StoredFormat | undefined {
  const saved = records.find(([key]) => key === FORMAT_KEY);
  if (saved === undefined) return undefined;
  const found = JSON.parse(saved[1]) as StoredFormat;
  if (found.format > newest(format)) throw new StoreNewer(newerText(place, found, newest(format), release));
  return found;
}

/** A commit is bounded by its records; this bounds its text, in UTF-16 units. */
const MOST_UNITS = 4 * 1024 * 1024;

class Migrating {
  readonly #store: Store;
  readonly #options: FormattedOptions;
  readonly #epoch: number;
  #commits = 0;

  constructor(store: Store, options: FormattedOptions, epoch: number) {
    this.#store = store;
    this.#options = options;
    this.#epoch = epoch;
  }

  /** How many commits it took. */
  async bringUp(found: StoredFormat | undefined): Promise<number> {
    const from = found?.format ?? 1;
    if (found?.isUnderWay) await this.#finish(found);
    else await this.#sweep();
    const { format, migrated } = this.#options;
    if (from === newest(format)) return this.#commits;
    const before = await this.#records();
    const after = format.migrations.slice(from - 1).reduce<StoredRecords>((records, next) => next(records), before);
    await this.#replace(difference(before, after));
    migrated?.(from, newest(format));
    return this.#commits;
  }

  async #records(): Promise<Map<string, string>> {
    return new Map((await this.#store.scan("")).filter(([key]) => !isOfStore(key)));
  }

  async #replace({ puts, deletes }: { puts: Map<string, string>; deletes: Set<string> }): Promise<void> {
    const done: StoredFormat = { format: newest(this.#options.format), release: this.#options.release };
    if (this.#fits(puts, deletes)) {
      await this.#commit({ puts: puts.set(FORMAT_KEY, JSON.stringify(done)), deletes });
      return;
    }
    const beside = [...puts].map(([key, text]): [string, string] => [NEXT + key, text]);
    for (const key of deletes) beside.push([GONE + key, "null"]);
    for (const batch of batchesOf(beside, this.#store.maxRecords))
      await this.#commit({ puts: new Map(batch), deletes: new Set() });
    const underWay: StoredFormat = { ...done, isUnderWay: true };
    await this.#commit({ puts: new Map([[FORMAT_KEY, JSON.stringify(underWay)]]), deletes: new Set() });
    await this.#finish(underWay);
  }

  #fits(puts: ReadonlyMap<string, string>, deletes: ReadonlySet<string>): boolean {
    const units = [...puts.values()].reduce((sum, text) => sum + text.length, 0);
    return puts.size + deletes.size < this.#store.maxRecords && units <= MOST_UNITS;
  }

  /** Puts what lies beside the old records into its places. What was done already lies there no more. */
  async #finish({ format, release }: StoredFormat): Promise<void> {
    // Each is taken from there with the same commit.
    const most = Math.max(1, Math.floor(this.#store.maxRecords / 2));
    for (const batch of batchesOf(await this.#store.scan(NEXT), most)) {
      const puts = new Map(batch.map(([key, text]) => [key.slice(NEXT.length), text]));
      await this.#commit({ puts, deletes: new Set(batch.map(([key]) => key)) });
    }
    for (const batch of batchesOf(await this.#store.scan(GONE), most)) {
      const keys = batch.map(([key]) => key);
      await this.#commit({
        puts: new Map(),
        deletes: new Set([...keys, ...keys.map((key) => key.slice(GONE.length))]),
      });
    }
    await this.#commit({ puts: new Map([[FORMAT_KEY, JSON.stringify({ format, release })]]), deletes: new Set() });
  }

  /** Of a migration that was killed before it counted. */
  async #sweep(): Promise<void> {
    for (const prefix of [NEXT, GONE])
      for (const batch of batchesOf(await this.#store.scan(prefix), this.#store.maxRecords))
        await this.#commit({ puts: new Map(), deletes: new Set(batch.map(([key]) => key)) });
  }

  async #commit(change: Change): Promise<void> {
    await this.#store.commit(change, this.#epoch);
    this.#commits++;
  }
}

function* batchesOf(
  records: readonly (readonly [key: string, text: string])[],
  most: number,
): Generator<(readonly [string, string])[]> {
  let batch: (readonly [string, string])[] = [];
  let units = 0;
  for (const record of records) {
    if (batch.length === most || (batch.length > 0 && units + record[1].length > MOST_UNITS)) {
      yield batch;
      batch = [];
      units = 0;
    }
    batch.push(record);
    units += record[1].length;
  }
  if (batch.length > 0) yield batch;
}
