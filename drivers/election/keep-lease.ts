import type { Etcd } from "../store/etcd/client.ts";
import type { Surroundings } from "../store/etcd/surroundings.ts";
import { heldUntil, type LeaseCells, pauseMs } from "./lease.ts";

/** What keeping a lease needs. */
export interface LeaseParts {
  readonly etcd: Pick<Etcd, "grant" | "renew" | "revoke">;
  readonly cells: LeaseCells;
  /** The lease's length. */
  readonly seconds: number;
  readonly surroundings: Surroundings;
  /** There is a lease for the first time. */
  ready(): void;
  /** There never was one, and none can be made. */
  failed(reason: Error): void;
}

const ENDING = { wholeMs: 1_000, attemptMs: 500 };
const PAUSE_MS = 50;

/** Keeps a lease in etcd, another one when that is over, until it is to end. What is held stands in the cells. */
export class LeaseKeeper {
  readonly #parts: LeaseParts;
  #ended = false;
  #heard = false;

  constructor(parts: LeaseParts) {
    this.#parts = parts;
  }

  /** Resolves when it has ended, or could not begin. */
  async keep(): Promise<void> {
    while (!this.#ended) {
      try {
        await this.#keepOne();
      } catch (error) {
        if (!this.#heard) return this.#parts.failed(error as Error);
        await this.#parts.surroundings.wait(PAUSE_MS);
      }
    }
  }

  /** Nothing is held any more; resolves when etcd knows, or does not answer. */
  async end(): Promise<void> {
    const { cells, etcd } = this.#parts;
    this.#ended = true;
    const { id } = cells;
    cells.over();
    if (id !== 0) await etcd.revoke(id, ENDING).catch(() => {});
  }

  /** Makes a lease, and renews it until it is over. Rejects when none can be made. */
  async #keepOne(): Promise<void> {
    const { cells, etcd, seconds, surroundings } = this.#parts;
    // Our own choice, because etcd's are larger than a number is exact.
    const id = 1 + Math.floor(surroundings.random() * 2 ** 50);
    let sentNs = surroundings.steadyNs();
    await etcd.grant(id, seconds);
    for (let left = seconds; left > 0 && !this.#ended; ) {
      cells.renewed(id, heldUntil(sentNs, { seconds }));
      this.#tellReady();
      await surroundings.wait(pauseMs(sentNs, surroundings.steadyNs(), { seconds }));
      ({ left, sentNs } = await this.#renew(id));
    }
    cells.over();
  }

  async #renew(id: number): Promise<{ left: number; sentNs: bigint }> {
    const { etcd, seconds, surroundings } = this.#parts;
    // A member that does not answer leaves time for the next.
    const patience = { wholeMs: (seconds * 1000) / 2, attemptMs: (seconds * 1000) / 5 };
    while (!this.#ended) {
      const sentNs = surroundings.steadyNs();
      try {
        return { left: await etcd.renew(id, patience), sentNs };
      } catch {
        await surroundings.wait(PAUSE_MS);
      }
    }
    return { left: 0, sentNs: 0n };
  }

  #tellReady(): void {
    if (this.#heard) return;
    this.#heard = true;
    this.#parts.ready();
  }
}
