import type { Address } from "@meseta/lib/core/ports/election.ts";
import { ITSELF, type SimEtcd } from "../world/etcd.ts";
import type { Written } from "../world/etcd-keys.ts";
import { Violation } from "./violation.ts";

/** One of the processes that contend. */
export interface Contender {
  readonly place: string;
  readonly alive: boolean;
  readonly core: unknown;
  readonly mayAct: boolean;
  readonly leaderKnown: Address | undefined;
}

/**
 * I6, by what reaches a folder of etcd and what leaves the processes that share it: an epoch is one process's, only that one writes until the next epoch has begun, and
 * nothing leaves a process that another one has followed, or whose lease is over.
 */
export class LeaderChecker {
  /** How often somebody has taken the store over. */
  takeovers = 0;
  readonly #folder: string;
  readonly #keys: { readonly epoch: string; readonly head: string; readonly records: string };
  readonly #guard: (check: () => void) => void;
  #epoch = 0;
  /** The life of the process whose epoch it is. */
  #owner = "";
  #version = 0;
  /** Of each life of a process: how many of its commits are done, and it was not told so. */
  readonly #unbelieved = new Map<string, number>();
  /** Who stands in the key, and those who stood there until their lease was over. */
  #candidate = "";
  readonly #expired = new Set<string>();

  constructor(folder: string, etcd: SimEtcd, guard: (check: () => void) => void) {
    this.#folder = folder;
    this.#keys = { epoch: `/${folder}/epoch`, head: `/${folder}/head`, records: `/${folder}/record/` };
    this.#guard = guard;
    etcd.watch(folder, {
      told: (by, written) => guard(() => this.#written(by, written)),
      believed: (by) => guard(() => this.#believed(by)),
    });
  }

  /** Whether the process with this epoch is the last that has opened the store. */
  isNewest(epoch: number): boolean {
    return epoch === this.#epoch;
  }

  /** Something leaves a process with this epoch. */
  acts(place: string, epoch: number, what = "something"): void {
    if (this.#expired.has(place))
      this.#guard(() => {
        throw new Violation(`I6: ${place} does ${what} in epoch ${epoch}, and its lease is over`);
      });
    if (epoch < this.#epoch)
      this.#guard(() => {
        throw new Violation(`I6: ${place} does ${what} in epoch ${epoch}, and ${this.#owner} has begun ${this.#epoch}`);
      });
  }

  /** All has healed: one leads, all others stand by and know who that is. */
  checkRest(contenders: readonly Contender[]): void {
    const dead = contenders.find(({ alive }) => !alive);
    if (dead !== undefined) throw new Violation(`rest: ${dead.place} is not alive`);
    const leading = contenders.filter(({ core, mayAct }) => core !== undefined && mayAct);
    if (leading.length !== 1)
      throw new Violation(`rest: ${leading.length} lead in ${this.#folder}: ${leading.map(({ place }) => place)}`);
    for (const { place, core, leaderKnown } of contenders)
      if (core === undefined && leaderKnown?.hostname !== leading[0]!.place)
        throw new Violation(
          `rest: ${place} believes that ${leaderKnown?.hostname} leads, and ${leading[0]!.place} does`,
        );
  }

  #written(by: string, written: Written): void {
    this.#stands(by, written);
    const { puts, deletes } = written;
    const { epoch: epochKey, head, records } = this.#keys;
    const epoch = puts.get(epochKey);
    if (epoch !== undefined) this.#begins(by, Number.parseInt(epoch, 10));
    const key = [...puts.keys(), ...deletes].find((one) => one === head || one.startsWith(records));
    if (key === undefined) return;
    if (by !== this.#owner) throw new Violation(`I6: ${by} writes ${key}, and the store is ${this.#owner}'s`);
    this.#counts(puts.get(head), key !== head || [...puts.keys(), ...deletes].some((one) => one.startsWith(records)));
  }

  #stands(by: string, { puts, deletes }: Written): void {
    const value = puts.get(`/${this.#folder}/leader`);
    if (value !== undefined) this.#expired.delete((this.#candidate = (JSON.parse(value) as Address).hostname));
    else if (by === ITSELF && deletes.has(`/${this.#folder}/leader`)) this.#expired.add(this.#candidate);
  }

  #begins(by: string, epoch: number): void {
    if (epoch <= this.#epoch) throw new Violation(`I6: ${by} begins epoch ${epoch} after ${this.#epoch}`);
    [this.#epoch, this.#owner] = [epoch, by];
    this.takeovers++;
  }

  /** What was given up may have been done all the same, but not the other way round. */
  #believed(by: string): void {
    const left = (this.#unbelieved.get(by) ?? 0) - 1;
    if (left < 0) throw new Violation(`I5: ${by} was told that a commit is done, and ${this.#folder} does not have it`);
    this.#unbelieved.set(by, left);
  }

  // Whoever builds on something else than the last commit would lose that one.
  #counts(head: string | undefined, hasRecords: boolean): void {
    if (head === undefined) throw new Violation("I6: records are written without the number of their commit");
    const version = Number.parseInt(head, 10);
    // Who only fends off what was given up stays at its number.
    if (version !== this.#version + 1 && (hasRecords || version !== this.#version))
      throw new Violation(`I5: commit ${version} follows commit ${this.#version} in ${this.#folder}`);
    if (version > this.#version) this.#unbelieved.set(this.#owner, (this.#unbelieved.get(this.#owner) ?? 0) + 1);
    this.#version = version;
  }
}
