interface Waiting {
  /** Bytes that wait for the reader. */
  readonly waiting: number;
  /** Gives the reader up. */
  cut(): void;
}

/**
 * What waits for the readers of all streams of a server together: beyond a bound those for whom the most waits are cut off, so that many slow readers cannot fill the memory together.
 * Readers take what waits without telling, so it is looked at again when so much was written that it may be beyond the bound.
 */
export class Backlog {
  readonly #most: number;
  readonly #streams = new Set<Waiting>();
  /** What waited at the last look, and was written since: it is no more than that now. */
  #atMost = 0;
  /** What was written since. */
  #written = 0;

  constructor(bytes: number) {
    this.#most = bytes;
  }

  add(stream: Waiting): void {
    this.#streams.add(stream);
  }

  remove(stream: Waiting): void {
    this.#streams.delete(stream);
  }

  /** So much was written to one of the streams. At the bound it is not looked at for each event, and so it may be exceeded by a sixteenth. */
  wrote(bytes: number): void {
    this.#written += bytes;
    this.#atMost += bytes;
    if (this.#atMost > this.#most && this.#written > this.#most / 16) this.#look();
  }

  #look(): void {
    this.#written = 0;
    this.#atMost = 0;
    for (const { waiting } of this.#streams) this.#atMost += waiting;
    if (this.#atMost <= this.#most) return;
    for (const stream of [...this.#streams].sort((a, b) => b.waiting - a.waiting)) {
      if (this.#atMost <= this.#most) return;
      this.#atMost -= stream.waiting;
      stream.cut();
    }
  }
}
