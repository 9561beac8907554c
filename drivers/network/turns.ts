/** Work of one name is done in the order in which it came; of all names only so much at once. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** Resolves or rejects as `work` does. */
  take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name) ?? Promise.resolve();
    const turn = before
      .then(() => this.#admit())
      .then(work)
      .finally(() => this.#leave());
    const settled = turn.then(
      () => {},
      () => {},
    );
    this.#last.set(name, settled);
    void settled.then(() => this.#last.get(name) === settled && this.#last.delete(name));
    return turn;
  }

  async #admit(): Promise<void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  // A place goes over to the first who waits.
  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }
}
