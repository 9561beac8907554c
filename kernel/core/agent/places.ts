/**
 * Who may begin next of those that wait for one of a few places, shared fairly between owners (frameworks): the owner with the fewest
 * places first, and among equals whoever came first. An owner that has a place already leaves a quarter of them, at least one, to
 * those that have none: so it never holds all of them, and whoever comes new begins at once. With a single place it is first come, first served.
 */
export class Places {
  readonly #count: number;
  readonly #reserved: number;
  /** In the order in which they came. */
  readonly #waiting = new Map<number, ReadonlySet<string>>();
  /** Tickets of those that have begun, and for whom their place counts. */
  readonly #begun = new Map<number, string>();
  readonly #held = new Map<string, number>();

  constructor(count: number) {
    this.#count = count;
    this.#reserved = count > 1 ? Math.ceil(count / 4) : 0;
  }

  /** Waits, behind those that wait already. All of the owners want the same thing; the set may grow while it waits. */
  ask(ticket: number, owners: ReadonlySet<string>): void {
    this.#waiting.set(ticket, owners);
  }

  /** Has ended, or does not want a place any more. */
  leave(ticket: number): void {
    this.#waiting.delete(ticket);
    const owner = this.#begun.get(ticket);
    if (owner === undefined || !this.#begun.delete(ticket)) return;
    const left = this.heldBy(owner) - 1;
    if (left > 0) this.#held.set(owner, left);
    else this.#held.delete(owner);
  }

  /** The ticket that begins now and has a place from here on; undefined: nobody may. To be asked again until then. */
  next(): number | undefined {
    let best: Candidate | undefined;
    for (const [ticket, owners] of this.#waiting) {
      const owner = this.#poorest(owners);
      const held = this.heldBy(owner);
      if (this.#mayTake(held) && (best === undefined || held < best.held)) best = { ticket, owner, held };
    }
    if (best === undefined) return undefined;
    this.#waiting.delete(best.ticket);
    this.#begun.set(best.ticket, best.owner);
    this.#held.set(best.owner, best.held + 1);
    return best.ticket;
  }

  /** How many places this owner has now. */
  heldBy(owner: string): number {
    return this.#held.get(owner) ?? 0;
  }

  #mayTake(held: number): boolean {
    return this.#count - this.#begun.size > (held === 0 ? 0 : this.#reserved);
  }

  #poorest(owners: ReadonlySet<string>): string {
    return [...owners].reduce((one, other) => (this.heldBy(other) < this.heldBy(one) ? other : one));
  }
}

interface Candidate {
  readonly ticket: number;
  readonly owner: string;
  readonly held: number;
}
