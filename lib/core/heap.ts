/** A binary min-heap; `before(a, b)` is true when `a` must come out first. Ties come out in any order. */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #before: (a: T, b: T) => boolean;

  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    let hole = items.length;
    items.push(item);
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (!this.#before(item, items[parent]!)) break;
      items[hole] = items[parent]!;
      hole = parent;
    }
    items[hole] = item;
  }

  pop(): T | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (items.length > 0) this.#sink(last!);
    return top;
  }

  /** The items for which `isFirst` holds, in any order; it must hold for all that come out before one for which it holds. No other is looked at but their children. */
  *first(isFirst: (item: T) => boolean): Generator<T, undefined> {
    const items = this.#items;
    const holes = [0];
    for (let hole = holes.pop(); hole !== undefined; hole = holes.pop()) {
      if (hole >= items.length || !isFirst(items[hole]!)) continue;
      yield items[hole]!;
      holes.push(2 * hole + 1, 2 * hole + 2);
    }
  }

  #sink(item: T): void {
    const items = this.#items;
    const half = items.length >> 1;
    let hole = 0;
    while (hole < half) {
      let child = 2 * hole + 1;
      if (child + 1 < items.length && this.#before(items[child + 1]!, items[child]!)) child++;
      if (!this.#before(items[child]!, item)) break;
      items[hole] = items[child]!;
      hole = child;
    }
    items[hole] = item;
  }
}
