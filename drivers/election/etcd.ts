import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { Address, Election } from "@meseta/lib/core/ports/election.ts";
import { StoreFailed } from "@meseta/lib/core/ports/store.ts";
import { leaderGone } from "@meseta/lib/io/standby-watch.ts";
import type { EtcdAddress } from "../store/etcd/address.ts";
import { EtcdClient } from "../store/etcd/client.ts";
import { LeaseCells } from "./lease.ts";
import type { RenewerData, RenewerNews } from "./renewer.ts";

export interface EtcdElectionOptions extends EtcdAddress {
  /** For the request at the leader that standbys hold; credentials, say. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** An election by one key in the folder of the store that the candidates share. */
export function etcdElection(options: EtcdElectionOptions): Election {
  return new EtcdElection(options);
}

/** The least that an etcd with defaults grants. */
const LEASE_SECONDS = 2;
const LOOK_MS = 250;
/** A leader whose time is over is to be gone before anybody else can lead. */
const CHECK_MS = 50;
const PATIENCE = { wholeMs: 2_500, attemptMs: 500 };
/** How long a farewell may take: who does not hear it sees the lease end. */
const ENDING_MS = 1_000;

class EtcdElection implements Election {
  readonly lost: Promise<Error>;
  readonly #tell: (reason: Error) => void;
  readonly #options: EtcdElectionOptions;
  readonly #client: EtcdClient;
  readonly #key: string;
  readonly #cells = new LeaseCells();
  readonly #ending = new AbortController();
  #renewer: Worker | undefined;
  /** What stands in the key while this process leads. */
  #mine = "";
  /** The lease that it leads by; 0 while it does not. */
  #lease = 0;
  #leader: Address | undefined;

  constructor(options: EtcdElectionOptions) {
    this.#options = options;
    this.#client = new EtcdClient(options.hosts, PATIENCE);
    this.#key = `/${options.folder}/leader`;
    const { promise, resolve } = Promise.withResolvers<Error>();
    this.lost = promise;
    this.#tell = resolve;
  }

  async stand({ hostname, port, secondPort }: Address): Promise<void> {
    // The name makes each candidacy another one: to compare the value is to compare the revision.
    this.#mine = JSON.stringify({ hostname, port, secondPort, name: randomBytes(9).toString("base64url") });
    await this.#keepLease();
    while (!this.#ending.signal.aborted) {
      const before = await this.#look();
      if (before === "unknown") continue;
      if (before === undefined || before === this.#mine || (await this.#outlives(before)))
        if (await this.#take(before)) return this.#lead();
    }
    return new Promise(() => {});
  }

  leader(): Address | undefined {
    return this.#leader;
  }

  mayAct(): boolean {
    return this.#cells.holds(this.#lease, process.hrtime.bigint);
  }

  async resign(): Promise<void> {
    if (this.#ending.signal.aborted) return;
    this.#ending.abort();
    const led = this.#lease !== 0;
    this.#lease = 0;
    if (led) await Promise.race([this.#clearKey(), wait(ENDING_MS)]);
    await this.#endRenewer();
    this.#client.close();
  }

  async #clearKey(): Promise<void> {
    const when = [{ key: this.#key, value: this.#mine }];
    await this.#client.transact({ when, does: [{ delete: { key: this.#key } }] }).catch(() => {});
  }

  /** Resolves when there is a lease, which is renewed from then on. */
  #keepLease(): Promise<void> {
    const workerData: RenewerData = { hosts: this.#options.hosts, seconds: LEASE_SECONDS, buffer: this.#cells.buffer };
    const worker = new Worker(new URL("./renewer.ts", import.meta.url), { workerData });
    this.#renewer = worker;
    return new Promise((resolve, reject) => {
      worker.on("message", (news: RenewerNews) => ("ready" in news ? resolve() : reject(new StoreFailed(news.failed))));
      worker.on("error", (error: Error) => {
        reject(error);
        this.#lose(error);
      });
    });
  }

  /** What stands in the key, after a moment when it is another one's; "unknown" when etcd does not say. */
  async #look(): Promise<string | undefined | "unknown"> {
    try {
      const { pairs } = await this.#client.range({ key: this.#key });
      const value = pairs[0]?.value;
      this.#leader = value === undefined || value === this.#mine ? undefined : addressIn(value);
      return value;
    } catch {
      await wait(LOOK_MS);
      return "unknown";
    }
  }

  /** Whether the process of that key is gone while the key is still there. Resolves when either is known. */
  async #outlives(value: string): Promise<boolean> {
    const leader = this.#leader;
    const over = new AbortController();
    const gone = leader === undefined ? never : leaderGone(leader, over.signal, this.#options.headers);
    try {
      return await Promise.race([gone.then(() => true), this.#changed(value, over.signal).then(() => false)]);
    } finally {
      over.abort();
    }
  }

  async #changed(value: string, signal: AbortSignal): Promise<void> {
    for (let now: string | undefined = value; (now === value || now === "unknown") && !signal.aborted; ) {
      await wait(LOOK_MS);
      if (this.#ending.signal.aborted) return;
      now = await this.#look();
    }
  }

  /** Puts this process into the key, if what was seen there is still so; whether it stands there now. */
  async #take(before: string | undefined): Promise<boolean> {
    const lease = this.#cells.id;
    if (lease === 0) return wait(LOOK_MS, false);
    try {
      const { succeeded, pages } = await this.#client.transact({
        when: [{ key: this.#key, value: before }],
        does: [{ put: { key: this.#key, value: this.#mine, lease } }],
        otherwise: [{ range: { key: this.#key } }],
      });
      // It may have been done before, when the answer was lost.
      if (!succeeded && pages[0]?.pairs[0]?.value !== this.#mine) return false;
      if (!this.#cells.holds(lease, process.hrtime.bigint)) return false;
      this.#lease = lease;
      return true;
    } catch {
      // A lease that is over, or an etcd without a leader.
      return wait(LOOK_MS, false);
    }
  }

  // What nobody leads by is renewed no more, also where the process goes on for a while.
  #lose(reason: Error): void {
    this.#tell(reason);
    void this.resign();
  }

  #lead(): void {
    this.#leader = undefined;
    void this.#watchLease();
    void this.#watchKey();
  }

  async #watchLease(): Promise<void> {
    while (this.mayAct()) await wait(CHECK_MS);
    if (!this.#ending.signal.aborted)
      this.#lose(
        new Error("the lease of the leader was not renewed in time: no etcd answered, or this process did not run"),
      );
  }

  async #watchKey(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      await wait(LOOK_MS);
      const page = await this.#client.range({ key: this.#key }).catch(() => undefined);
      const value = page?.pairs[0]?.value;
      if (page === undefined || value === this.#mine || this.#ending.signal.aborted) continue;
      this.#lease = 0;
      this.#leader = value === undefined ? undefined : addressIn(value);
      return this.#lose(new Error(`another one leads now: ${value ?? "the key of the leader is gone"}`));
    }
  }

  async #endRenewer(): Promise<void> {
    const worker = this.#renewer;
    if (worker === undefined) return;
    const exited = new Promise((resolve) => worker.once("exit", resolve));
    worker.postMessage("end");
    await Promise.race([exited, wait(ENDING_MS)]);
    await worker.terminate();
  }
}

const never = new Promise<never>(() => {});

// What somebody else wrote there is no address of anybody.
function addressIn(value: string): Address | undefined {
  try {
    const { hostname, port, secondPort } = JSON.parse(value);
    if (typeof hostname !== "string" || !Number.isInteger(port)) return undefined;
    return { hostname, port, ...(Number.isInteger(secondPort) && { secondPort }) };
  } catch {
    return undefined;
  }
}
