import type { Address, Election } from "@meseta/lib/core/ports/election.ts";
import type { Etcd } from "../store/etcd/client.ts";
import type { Surroundings } from "../store/etcd/surroundings.ts";
import type { LeaseCells } from "./lease.ts";
import { type ProcessMark, readMark } from "./process-mark.ts";

/** A lease that somebody keeps, in a thread of its own where there are threads. */
export interface KeptLease {
  readonly cells: LeaseCells;
  /** Resolves when there is a lease, which is renewed from then on; rejects when none can be made. `failed` is told when the keeper breaks later. */
  keep(failed: (reason: Error) => void): Promise<void>;
  /** Resolves when it is renewed no more. */
  end(): Promise<void>;
}

export interface CandidateParts {
  /** The folder of the store that the candidates share. */
  readonly folder: string;
  /** Closed in the end. */
  readonly etcd: Etcd;
  readonly lease: KeptLease;
  readonly surroundings: Surroundings;
  /** Left out, as in production. */
  readonly pace?: Pace | undefined;
  /** Of this process, for others of its machine; left out where that cannot be told. */
  readonly mark?: ProcessMark | undefined;
  /** Told with the reason when no etcd is heard any more while this process does not lead, and without one when it is heard again. */
  silence?(reason: Error | undefined): void;
  /** Resolves when the process of that leader is gone for sure; never after `signal`. `mark`: what it said of itself. */
  leaderGone(leader: Address, signal: AbortSignal, mark: ProcessMark | undefined): Promise<void>;
}

export interface Pace {
  /** How often each looks who stands in the key. */
  readonly lookMs: number;
  /** How often a leader looks at its time: when that is over it is to be gone before anybody else can lead. */
  readonly checkMs: number;
}

const PACE: Pace = { lookMs: 250, checkMs: 50 };
/** How long a farewell may take: who does not hear it sees the lease end. */
export const ENDING_MS = 1_000;

/** An election by one key on a lease: what is decided, over whatever etcd and clock there are. */
export class Candidate implements Election {
  readonly lost: Promise<Error>;
  readonly #tell: (reason: Error) => void;
  readonly #parts: CandidateParts;
  readonly #key: string;
  readonly #pace: Pace;
  readonly #ending = new AbortController();
  /** What stands in the key while this process leads. */
  #mine = "";
  /** The lease that it leads by; 0 while it does not. */
  #lease = 0;
  #leader: Address | undefined;
  #hears = true;
  /** How often it has looked. What an earlier look than the last one brings, or one before this process led, is old. */
  #looks = 0;

  constructor(parts: CandidateParts) {
    this.#parts = parts;
    this.#key = `/${parts.folder}/leader`;
    this.#pace = parts.pace ?? PACE;
    const { promise, resolve } = Promise.withResolvers<Error>();
    this.lost = promise;
    this.#tell = resolve;
  }

  async stand({ hostname, port, secondPort }: Address): Promise<void> {
    const { surroundings, mark: process } = this.#parts;
    // The name makes each candidacy another one: to compare the value is to compare the revision.
    this.#mine = JSON.stringify({ hostname, port, secondPort, name: surroundings.newName(), process });
    await this.#parts.lease.keep((reason) => this.#lose(reason));
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

  hears(): boolean {
    return this.#hears;
  }

  mayAct(): boolean {
    return this.#holds(this.#lease);
  }

  async resign(): Promise<void> {
    if (this.#ending.signal.aborted) return;
    this.#ending.abort();
    const led = this.#lease !== 0;
    this.#lease = 0;
    if (led) await Promise.race([this.#clearKey(), this.#wait(ENDING_MS)]);
    await this.#parts.lease.end();
    this.#parts.etcd.close();
  }

  async #clearKey(): Promise<void> {
    const when = [{ key: this.#key, value: this.#mine }];
    await this.#parts.etcd.transact({ when, does: [{ delete: { key: this.#key } }] }).catch(() => {});
  }

  /** What stands in the key, after a moment when it is another one's; "unknown" when etcd does not say. */
  async #look(): Promise<string | undefined | "unknown"> {
    const look = ++this.#looks;
    const isNewest = () => look === this.#looks;
    try {
      const { pairs } = await this.#parts.etcd.range({ key: this.#key });
      const value = pairs[0]?.value;
      if (isNewest()) this.#saw(value);
      return value;
    } catch (error) {
      if (isNewest()) this.#heard(error as Error);
      await this.#wait(this.#pace.lookMs);
      return "unknown";
    }
  }

  #saw(value: string | undefined): void {
    this.#heard(undefined);
    this.#leader = value === undefined || value === this.#mine ? undefined : addressIn(value);
  }

  #heard(problem: Error | undefined): void {
    const hears = problem === undefined;
    if (this.#hears === hears || this.#ending.signal.aborted) return;
    this.#hears = hears;
    this.#parts.silence?.(problem);
  }

  /** Whether the process of that key is gone while the key is still there. Resolves when either is known. */
  async #outlives(value: string): Promise<boolean> {
    const leader = this.#leader;
    const over = new AbortController();
    const gone = leader === undefined ? never : this.#parts.leaderGone(leader, over.signal, markIn(value));
    try {
      const outlives = await Promise.race([gone.then(() => true), this.#changed(value, over.signal).then(() => false)]);
      // While no etcd answers nobody else leads, and nobody is to be sent where there is no one.
      if (outlives) this.#leader = undefined;
      return outlives;
    } finally {
      over.abort();
    }
  }

  async #changed(value: string, signal: AbortSignal): Promise<void> {
    for (let now: string | undefined = value; (now === value || now === "unknown") && !signal.aborted; ) {
      await this.#wait(this.#pace.lookMs);
      if (this.#ending.signal.aborted) return;
      now = await this.#look();
    }
  }

  /** Puts this process into the key, if what was seen there is still so; whether it stands there now. */
  async #take(before: string | undefined): Promise<boolean> {
    const lease = this.#parts.lease.cells.id;
    if (lease === 0) return this.#wait(this.#pace.lookMs).then(() => false);
    try {
      const { succeeded, pages } = await this.#parts.etcd.transact({
        when: [{ key: this.#key, value: before }],
        does: [{ put: { key: this.#key, value: this.#mine, lease } }],
        otherwise: [{ range: { key: this.#key } }],
      });
      this.#heard(undefined);
      // It may have been done before, when the answer was lost.
      if (!succeeded && pages[0]?.pairs[0]?.value !== this.#mine) return false;
      if (!this.#holds(lease)) return false;
      this.#lease = lease;
      return true;
    } catch {
      // A lease that is over, or an etcd without a leader.
      return this.#wait(this.#pace.lookMs).then(() => false);
    }
  }

  // What nobody leads by is renewed no more, also where the process goes on for a while.
  #lose(reason: Error): void {
    this.#tell(reason);
    void this.resign();
  }

  #lead(): void {
    this.#looks++;
    this.#leader = undefined;
    void this.#watchLease();
    void this.#watchKey();
  }

  async #watchLease(): Promise<void> {
    while (this.mayAct()) await this.#wait(this.#pace.checkMs);
    if (!this.#ending.signal.aborted)
      this.#lose(
        new Error("the lease of the leader was not renewed in time: no etcd answered, or this process did not run"),
      );
  }

  async #watchKey(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      await this.#wait(this.#pace.lookMs);
      const page = await this.#parts.etcd.range({ key: this.#key }).catch(() => undefined);
      const value = page?.pairs[0]?.value;
      if (page === undefined || value === this.#mine || this.#ending.signal.aborted) continue;
      this.#lease = 0;
      this.#leader = value === undefined ? undefined : addressIn(value);
      return this.#lose(new Error(`another one leads now: ${value ?? "the key of the leader is gone"}`));
    }
  }

  #holds(lease: number): boolean {
    const { lease: kept, surroundings } = this.#parts;
    return kept.cells.holds(lease, surroundings.steadyNs);
  }

  #wait(ms: number): Promise<void> {
    return this.#parts.surroundings.wait(ms);
  }
}

const never = new Promise<never>(() => {});

function addressIn(value: string): Address | undefined {
  const { hostname, port, secondPort } = fieldsOf(value);
  if (typeof hostname !== "string" || !Number.isInteger(port)) return undefined;
  return { hostname, port: port as number, ...(Number.isInteger(secondPort) && { secondPort: secondPort as number }) };
}

// Earlier releases say nothing of their process.
function markIn(value: string): ProcessMark | undefined {
  return readMark(fieldsOf(value)["process"]);
}

// What somebody else wrote there is no address of anybody.
function fieldsOf(value: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(value));
  } catch {
    return {};
  }
}
