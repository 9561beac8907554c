import { Places } from "@meseta/kernel/core/agent/places.ts";

/** So many at a time, shared between owners as the core decides. */
export class Slots {
  readonly #places: Places;
  readonly #begin = new Map<number, () => void>();
  #last = 0;

  constructor(most: number) {
    this.#places = new Places(most);
  }

  /**
   * Does the deed when there is a place for it. Rejects as the deed does; or, while it waits, as soon as `signal` aborts. Who joins
   * the owners meanwhile is followed by `look`.
   */
  async use<T>(owners: ReadonlySet<string>, signal: AbortSignal, deed: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const ticket = ++this.#last;
    try {
      await this.#turn(ticket, owners, signal);
      return await deed();
    } finally {
      this.#begin.delete(ticket);
      this.#places.leave(ticket);
      this.look();
    }
  }

  /** Lets begin whoever may. */
  look(): void {
    for (let ticket = this.#places.next(); ticket !== undefined; ticket = this.#places.next())
      this.#begin.get(ticket)!();
  }

  #turn(ticket: number, owners: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => reject(signal.reason as Error);
      signal.addEventListener("abort", leave, { once: true });
      this.#begin.set(ticket, () => {
        signal.removeEventListener("abort", leave);
        resolve();
      });
      this.#places.ask(ticket, owners);
      this.look();
    });
  }
}
