/**
 * What was found out about an object, by its version. Several views ask for the same, and most objects stay as they are from one reading
 * to the next.
 */
export class Remembered<T> {
  readonly #known = new WeakMap<object, { version: number; value: T }>();

  of(owner: object, version: number, find: () => T): T {
    const known = this.#known.get(owner);
    if (known?.version === version) return known.value;
    const value = find();
    this.#known.set(owner, { version, value });
    return value;
  }
}
