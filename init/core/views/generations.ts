/** Texts that were made of things that never change, kept while they are asked for. Bounded: what nobody asked for lately goes when there are too many. */
export class Generations<Key extends object, Value extends { readonly text: string }> {
  readonly #mostLength: number;
  #young = new Map<Key, Value>();
  #old: ReadonlyMap<Key, Value> = new Map();
  #length = 0;

  /** At most twice so many characters are kept. */
  constructor(mostLength: number) {
    this.#mostLength = mostLength;
  }

  get(key: Key): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.put(key, old);
    return old;
  }

  put(key: Key, value: Value): void {
    const more = value.text.length - (this.#young.get(key)?.text.length ?? 0);
    if (this.#length + more > this.#mostLength) this.#age();
    this.#length += this.#young.has(key) ? more : value.text.length;
    this.#young.set(key, value);
  }

  #age(): void {
    this.#old = this.#young;
    this.#young = new Map();
    this.#length = 0;
  }
}
