/**
 * A map that is never changed: an edit makes another one, in time that follows the number of changes and not the size,
 * unless something is removed. Only the newest of a line holds the
 * entries; an older one knows what the next has changed. So a look at a key of an older one takes a step for each edit since, and who goes through all of
 * it makes a copy, once. Source: H. Baker, "Shallow binding makes functional arrays fast".
 */
export class VersionedMap<V> implements ReadonlyMap<string, V> {
  readonly size: number;
  #entries: Map<string, V> | undefined;
  /** The next one, and what the keys that it changed were here: undefined where there was none. */
  #next: { readonly map: VersionedMap<V>; readonly undo: ReadonlyMap<string, V | undefined> } | undefined;

  private constructor(entries: Map<string, V>) {
    this.#entries = entries;
    this.size = entries.size;
  }

  /** The same entries; a copy is made of what is no versioned map yet. */
  static of<V>(map: ReadonlyMap<string, V>): VersionedMap<V> {
    return map instanceof VersionedMap ? map : new VersionedMap(new Map(map));
  }

  /** With these set, and those that are undefined removed. */
  edit(changes: ReadonlyMap<string, V | undefined>): VersionedMap<V> {
    if (changes.size === 0) return this;
    // What is removed could not come back to its place in the order; so then this one keeps its entries.
    const isKept = changes.entries().some(([key, value]) => value === undefined && this.has(key));
    const entries = isKept ? new Map(this.#own()) : this.#own();
    const undo = new Map<string, V | undefined>();
    for (const [key, value] of changes) {
      undo.set(key, entries.get(key));
      if (value === undefined) entries.delete(key);
      else entries.set(key, value);
    }
    const map = new VersionedMap(entries);
    if (!isKept) this.#entries = undefined;
    this.#next = { map, undo };
    return map;
  }

  get(key: string): V | undefined {
    let at: VersionedMap<V> = this;
    for (; at.#entries === undefined; at = at.#next!.map) if (at.#next!.undo.has(key)) return at.#next!.undo.get(key);
    return at.#entries.get(key);
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  *entries(): Generator<[string, V], undefined> {
    const entries = this.#own();
    for (const entry of entries) {
      yield entry;
      if (this.#entries !== entries) throw new Error("a tree was edited by who still went through it");
    }
  }

  *keys(): Generator<string, undefined> {
    for (const [key] of this.entries()) yield key;
  }

  *values(): Generator<V, undefined> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): Generator<[string, V], undefined> {
    return this.entries();
  }

  forEach(visit: (value: V, key: string, map: ReadonlyMap<string, V>) => void): void {
    for (const [key, value] of this.entries()) visit(value, key, this);
  }

  /** The keys that edits have changed from here to a later one; undefined when that does not follow from this one. */
  changedUntil(later: ReadonlyMap<string, V>): Set<string> | undefined {
    const keys = new Set<string>();
    let at: VersionedMap<V> = this;
    for (; at !== later; at = at.#next.map) {
      if (at.#next === undefined) return undefined;
      for (const key of at.#next.undo.keys()) keys.add(key);
    }
    return keys;
  }

  #own(): Map<string, V> {
    if (this.#entries !== undefined) return this.#entries;
    const edits: ReadonlyMap<string, V | undefined>[] = [];
    let at: VersionedMap<V> = this;
    for (; at.#entries === undefined; at = at.#next!.map) edits.push(at.#next!.undo);
    const entries = new Map(at.#entries);
    for (const undo of edits.reverse())
      for (const [key, value] of undo) {
        if (value === undefined) entries.delete(key);
        else entries.set(key, value);
      }
    this.#entries = entries;
    return entries;
  }
}

/** The keys whose values differ: those of the edits between, when both are of one line. */
export function changedKeys<V>(before: ReadonlyMap<string, V>, after: ReadonlyMap<string, V>): string[] {
  const known = before instanceof VersionedMap ? before.changedUntil(after) : undefined;
  const keys = known ?? new Set([...before.keys(), ...after.keys()]);
  return [...keys].filter((key) => before.get(key) !== after.get(key));
}
