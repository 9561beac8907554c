import { hostname } from "node:os";
import type { EtcdClient } from "./client.ts";
import type { Layout } from "./layout.ts";
import type { Condition, Operation } from "./messages.ts";

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
  readonly #client: EtcdClient;
  readonly #layout: Layout;
  // Our own choice, because etcd's are larger than a number is exact.
  readonly #lease = 1 + Math.floor(Math.random() * 2 ** 50);
  #epoch: { readonly number: number; readonly condition: Condition } | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(client: EtcdClient, layout: Layout) {
    this.#client = client;
    this.#layout = layout;
  }

  /** Makes the lease; what to put into the transaction that takes the store over. */
  async before(epoch: number): Promise<Operation> {
    await this.#client.grant(this.#lease, LEASE_SECONDS);
    return this.#put(epoch);
  }

  /** The store is ours while that condition holds. */
  begin(number: number, condition: Condition): void {
    this.#epoch = { number, condition };
    this.#timer ??= setInterval(() => void this.#renew().catch(() => {}), RENEW_MS).unref();
  }

  /** The store belongs to another one. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
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
    const owner: Owner = { epoch, host: hostname(), pid: process.pid };
    return { put: { key: this.#layout.owner, value: JSON.stringify(owner), lease: this.#lease } };
  }
}
