import type { MasterEffect } from "@meseta/kernel/core/master/out.ts";
import type { SimEtcd } from "../world/etcd.ts";
import type { Written } from "../world/etcd-keys.ts";
import type { SimMaster } from "../world/master.ts";
import { Violation } from "./violation.ts";

const [EPOCH, HEAD, RECORDS] = ["/master/epoch", "/master/head", "/master/record/"];
/** What stays within the process. */
const INWARD: ReadonlySet<string> = new Set(["log", "wake", "publish"]);

/**
 * I6, by what reaches etcd and what leaves the processes of several masters: an epoch is one process's, only that one writes until the next epoch has begun, and
 * nothing leaves a process that another one has followed.
 */
export class LeaderChecker {
  readonly #master: SimMaster;
  #epoch = 0;
  /** The process whose epoch it is. */
  #owner = "";
  #version = 0;

  constructor(master: SimMaster, etcd: SimEtcd, guard: (check: () => void) => void) {
    this.#master = master;
    etcd.onWrite = (by, written) => guard(() => this.#written(by, written));
    for (const process of master.processes)
      process.onEffect = (effect, epoch) => guard(() => this.#left(process.place, effect, epoch));
  }

  /** Whether the process with this epoch is the last that has opened the store. */
  isNewest(epoch: number): boolean {
    return epoch === this.#epoch;
  }

  /** How often somebody has taken the store over. */
  takeovers = 0;

  #written(by: string, { puts, deletes }: Written): void {
    const epoch = puts.get(EPOCH);
    if (epoch !== undefined) this.#begins(by, Number.parseInt(epoch, 10));
    const isRecord = (key: string): boolean => key === HEAD || key.startsWith(RECORDS);
    const key = [...puts.keys(), ...deletes].find(isRecord);
    if (key === undefined) return;
    if (by !== this.#owner) throw new Violation(`I6: ${by} writes ${key}, and the store is ${this.#owner}'s`);
    this.#counts(puts.get(HEAD));
  }

  #begins(by: string, epoch: number): void {
    if (epoch <= this.#epoch) throw new Violation(`I6: ${by} begins epoch ${epoch} after ${this.#epoch}`);
    [this.#epoch, this.#owner] = [epoch, by];
    this.takeovers++;
  }

  // Whoever builds on something else than the last commit would lose that one.
  #counts(head: string | undefined): void {
    if (head === undefined) throw new Violation("I6: records are written without the number of their commit");
    const version = Number.parseInt(head, 10);
    if (version < this.#version || version > this.#version + 1)
      throw new Violation(`I5: commit ${version} follows commit ${this.#version}`);
    this.#version = version;
  }

  #left(place: string, effect: MasterEffect, epoch: number): void {
    if (epoch < this.#epoch && !INWARD.has(effect.type))
      throw new Violation(
        `I6: ${place} does ${effect.type} in epoch ${epoch}, and ${this.#owner} has begun ${this.#epoch}`,
      );
  }

  /** All has healed: one leads, all others stand by and know who that is. */
  checkRest(): void {
    const { processes } = this.#master;
    const dead = processes.find(({ alive }) => !alive);
    if (dead !== undefined) throw new Violation(`rest: ${dead.place} is not alive`);
    const leading = processes.filter(({ core, mayAct }) => core !== undefined && mayAct);
    if (leading.length !== 1)
      throw new Violation(`rest: ${leading.length} masters lead: ${leading.map(({ place }) => place)}`);
    for (const { place, core, leaderKnown } of processes)
      if (core === undefined && leaderKnown?.hostname !== leading[0]!.place)
        throw new Violation(
          `rest: ${place} believes that ${leaderKnown?.hostname} leads, and ${leading[0]!.place} does`,
        );
  }
}
