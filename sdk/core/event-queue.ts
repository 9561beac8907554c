/** Events that wait for a reader with `for await`. Beyond the bound it fails rather than grows: the reader is too slow. */
export class EventQueue<T> implements AsyncIterable<T> {
  #items: T[] = [];
  #readers: { resolve(result: IteratorResult<T>): void; reject(error: unknown): void }[] = [];
  #ending: { readonly error?: unknown } | undefined;
  readonly #bound: number;

  constructor(bound = 100_000) {
    this.#bound = bound;
  }

  push(item: T): void {
    if (this.#ending) return;
    const reader = this.#readers.shift();
    if (reader) reader.resolve({ value: item, done: false });
    else if (this.#items.push(item) > this.#bound) {
      this.#items = [];
      this.end(new Error(`the reader is more than ${this.#bound} events behind`));
    }
  }

  /** No more events; those that wait are still read first. With an error, the reader's loop throws it. */
  end(error?: unknown): void {
    if (this.#ending) return;
    this.#ending = error === undefined ? {} : { error };
    for (const reader of this.#readers.splice(0)) this.#finish(reader.resolve, reader.reject);
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    return { next: () => this.#next() };
  }

  #next(): Promise<IteratorResult<T>> {
    return new Promise((resolve, reject) => {
      if (this.#items.length > 0) resolve({ value: this.#items.shift()!, done: false });
      else if (this.#ending) this.#finish(resolve, reject);
      else this.#readers.push({ resolve, reject });
    });
  }

  #finish(resolve: (result: IteratorResult<T>) => void, reject: (error: unknown) => void): void {
    if (this.#ending && "error" in this.#ending) reject(this.#ending.error);
    else resolve({ value: undefined, done: true });
  }
}
