import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { maySecretsBeIn, withoutSecrets, withSecrets } from "@meseta/api/mesos/secrets.ts";
import { type Change, type Store, StoreFailed } from "@meseta/lib/core/ports/store.ts";
import type { MemoryFolder } from "@meseta/lib/io/memory-folder.ts";

export interface Apart {
  /** Where values are kept; absent: nowhere, and a later life finds them empty. */
  readonly memory: MemoryFolder | undefined;
  /** Records with keys that begin like this need no values any more. */
  readonly over: readonly string[];
}

/**
 * A store whose records hold messages: values of secrets in them are kept apart, in memory that outlives the owner's process and not the
 * machine, and never reach the disk.
 */
export function secretsApart(store: Store, { memory, over }: Apart): Store {
  const kept = new KeptValues(memory, over);
  return {
    maxRecords: store.maxRecords,
    open: (above) => {
      kept.load();
      return store.open(above);
    },
    async scan(prefix) {
      const found = await store.scan(prefix);
      if (prefix === "") kept.keepOnly(new Set(found.map(([key]) => key)));
      return found.map(([key, value]) => [key, kept.restored(key, value)]);
    },
    async commit(change, epoch) {
      const puts = kept.put(change.puts);
      await store.commit(puts === change.puts ? change : { ...change, puts }, epoch);
      kept.drop(change);
    },
    close: () => store.close(),
  };
}

/** One file for each record that has any, on a tmpfs. */
class KeptValues {
  readonly #memory: MemoryFolder | undefined;
  readonly #over: readonly string[];
  readonly #values = new Map<string, readonly string[]>();

  constructor(memory: MemoryFolder | undefined, over: readonly string[]) {
    this.#memory = memory;
    this.#over = over;
  }

  load(): void {
    this.#values.clear();
    for (const name of this.#memory?.names(folder) ?? []) {
      const { key, values } = JSON.parse(readFileSync(this.#memory!.path(folder, name), "utf8"));
      this.#values.set(key, values);
    }
  }

  /** The same records as they go to the disk; the same map when nothing in them is secret. */
  put(records: Change["puts"]): Change["puts"] {
    let bare: Map<string, string> | undefined;
    for (const [key, value] of records) {
      if (!maySecretsBeIn(value)) continue;
      const { message, values } = withoutSecrets(JSON.parse(value));
      bare ??= new Map(records);
      bare.set(key, JSON.stringify(message));
      if (!this.#over.some((prefix) => key.startsWith(prefix))) this.#keep(key, values);
    }
    return bare ?? records;
  }

  restored(key: string, value: string): string {
    const values = this.#values.get(key);
    return values ? JSON.stringify(withSecrets(JSON.parse(value), values)) : value;
  }

  /** The commit is durable: what it has taken away, or written without a secret, needs no values. */
  drop({ puts, deletes }: Change): void {
    if (this.#values.size === 0) return;
    for (const key of deletes) this.#forget(key);
    for (const [key, value] of puts) if (!maySecretsBeIn(value)) this.#forget(key);
  }

  keepOnly(keys: ReadonlySet<string>): void {
    for (const key of this.#values.keys()) if (!keys.has(key)) this.#forget(key);
  }

  #keep(key: string, values: readonly string[]): void {
    if (!this.#memory) return;
    try {
      this.#memory.make(folder);
      writeFileSync(this.#memory.path(folder, nameOf(key)), JSON.stringify({ key, values }), { mode: 0o600 });
    } catch (error) {
      throw new StoreFailed(`cannot keep a secret in ${this.#memory.dir}: ${(error as Error).message}`);
    }
    this.#values.set(key, values);
  }

  #forget(key: string): void {
    if (this.#values.delete(key)) this.#memory!.remove(folder, nameOf(key));
  }
}

const folder = "record";

function nameOf(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}
