import type { Etcd } from "./client.ts";
import type { Layout } from "./layout.ts";
import type { Condition, Operation } from "./messages.ts";
import type { Surroundings } from "./surroundings.ts";

/** Who has a store open. */
export interface Owner {
  readonly epoch: number;
  readonly host: string;
  readonly pid: number;
}

const LEASE_SECONDS = 15;
const RENEW_MS = 5_000;
/** Nothing depends on it, so nobody waits for it. */
const SHORT = { wholeMs: 2_000, attemptMs: 1_000 };

/** Says in etcd that this process has the store open, for as long as it does: a key on a lease. Tools refuse a store with such a key. */
export class Presence {
  readonly #client: Etcd;
  readonly #layout: Layout;
  readonly #surroundings: Surroundings;
  // Our own choice, because etcd's are larger than a number is exact.
  readonly #lease: number;
  #epoch: { readonly number: number; readonly condition: Condition } | undefined;
  #endRenewals: (() => void) | undefined;

  constructor(client: Etcd, layout: Layout, surroundings: Surroundings) {
    this.#client = client;
    this.#layout = layout;
    this.#surroundings = surroundings;
    this.#lease = 1 + Math.floor(surroundings.random() * 2 ** 50);
  }

  /** Makes the lease; what to put into the transaction that takes the store over. */
  async before(epoch: number): Promise<Operation> {
    await this.#client.grant(this.#lease, LEASE_SECONDS);
    return this.#put(epoch);
  }

  /** The store is ours while that condition holds. */
  begin(number: number, condition: Condition): void {
    this.#epoch = { number, condition };
    this.#endRenewals ??= this.#surroundings.every(RENEW_MS, () => void this.#renew().catch(() => {}));
  }

  /** The store belongs to another one. */
  stop(): void {
    this.#endRenewals?.();
    this.#endRenewals = undefined;
  }

  async end(): Promise<void> {
    if (this.#epoch === undefined) return;
    this.stop();
    await this.#client.revoke(this.#lease, SHORT).catch(() => {});
  }

  // After a time without etcd the lease may be over.
  async #renew(): Promise<void> {
    if ((await this.#client.renew(this.#lease, SHORT)) > 0) return;
    const { number, condition } = this.#epoch!;
    await this.#client.grant(this.#lease, LEASE_SECONDS);
    await this.#client.transact({ when: [condition], does: [this.#put(number)] });
  }

  #put(epoch: number): Operation {
    const { host, pid } = this.#surroundings;
    const owner: Owner = { epoch, host, pid };
    return { put: { key: this.#layout.owner, value: JSON.stringify(owner), lease: this.#lease } };
  }
}
