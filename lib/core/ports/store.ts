/**
 * Durable records, key to value. Keys are paths such as `framework/<id>`; values are text (JSON of plain objects).
 * One owner at a time: `open` takes the store over and raises its epoch, and every commit of an older owner is refused.
 */
export interface Store {
  /** Takes ownership, with an epoch above all earlier ones, and above `above` where that is given. `version` is the number of commits that the store has seen in its life. */
  open(above?: number): Promise<Opened>;
  /**
   * All records whose key starts with `prefix`, in the order of their keys' UTF-8 bytes, as of one moment between two commits. Needs no
   * ownership. Rejects with StoreDamaged when a record fails its checksum.
   */
  scan(prefix: string): Promise<[key: string, value: string][]>;
  /**
   * Makes all puts and deletes durable, or none of them. Resolves after they would survive a power cut.
   * Rejects with EpochRefused when another owner opened the store since, and with StoreFailed when the disk or the
   * network failed (the records are then as before, or as after: the caller must load again to know; some drivers reject the next commit
   * with StoreChanged when it has not).
   */
  commit(change: Change, epoch: number): Promise<void>;
  /** Resolves when what was being committed is stored or refused. Whatever is asked for afterwards fails. */
  close(): Promise<void>;
  /** The most records that one commit may carry. */
  readonly maxRecords: number;
}

export interface Opened {
  epoch: number;
  version: number;
}

export interface Change {
  puts: ReadonlyMap<string, string>;
  deletes: ReadonlySet<string>;
}

/** The bound on one value, in UTF-16 units; drivers may split below it. */
export const MAX_VALUE_LENGTH = 64 * 1024 * 1024;

/** Throws StoreFailed when a value of the change is beyond the bound. */
export function checkLengths({ puts }: Change): void {
  for (const [key, value] of puts)
    if (value.length > MAX_VALUE_LENGTH)
      throw new StoreFailed(`record ${key} is larger than ${MAX_VALUE_LENGTH} characters`);
}

export class EpochRefused extends Error {
  override name = "EpochRefused";
  constructor(epoch: number, current: number) {
    super(`epoch ${epoch} is over: the store now belongs to epoch ${current}`);
  }
}

export class StoreFailed extends Error {
  override name = "StoreFailed";
}

/** What is in the store may not be what its owner loaded and committed: a commit that had failed may be there. Nothing is committed until all is read again. */
export class StoreChanged extends StoreFailed {
  override name = "StoreChanged";
}

/** Another process has the file of the store open. */
export class StoreInUse extends StoreFailed {
  override name = "StoreInUse";
  readonly path: string;
  constructor(path: string) {
    super(`another process has ${path} open`);
    this.path = path;
  }
}

export class StoreDamaged extends Error {
  override name = "StoreDamaged";
}

/** The records were written by a newer release, and this one would misread them. Nothing was changed. */
export class StoreNewer extends Error {
  override name = "StoreNewer";
}
