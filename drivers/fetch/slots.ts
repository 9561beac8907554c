/** So many at a time, the others in the order in which they came. */
export class Slots {
  readonly #most: number;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Does the deed when there is room for it. Rejects as the deed does; or, before it began, as `signal` says. */
  async use<T>(signal: AbortSignal, deed: () => Promise<T>): Promise<T> {
    if (this.#taken < this.#most) this.#taken++;
    // Whoever leaves passes its place on, so that nobody overtakes.
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      signal.throwIfAborted();
      return await deed();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#taken--;
      else next();
    }
  }
}
