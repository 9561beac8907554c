import type * as operator from "@meseta/api/mesos/generated/master.ts";
import type { Master } from "@meseta/kernel/core/master/master.ts";
import type { Answer, MasterEffect } from "@meseta/kernel/core/master/out.ts";
import type { MasterConfig, MasterState } from "@meseta/kernel/core/master/state.ts";
import type { Clock } from "./clock.ts";
import type { Disk } from "./disk.ts";
import type { Doors } from "./door.ts";
import { enter, type Rules } from "./election.ts";
import type { SimEtcd } from "./etcd.ts";
import type { Contest, Process } from "./life.ts";
import { MasterProcess } from "./master-process.ts";
import type { Release } from "./release.ts";
import type { World } from "./world.ts";

/** Several masters: on which etcd, and how they contend. */
export interface Several {
  readonly count: number;
  readonly etcd: SimEtcd;
  readonly rules: Rules;
}

/** The longest that a leader believes to be one after it has been succeeded. */
const ELECTION_MS = 15_000;

/** The master of the simulated cluster as others see it: one process on a disk of its own, or several on one etcd, of which one leads. */
export class SimMaster {
  /** Of the one process, or a name for all. */
  readonly place = "master";
  readonly processes: readonly MasterProcess[];
  readonly #world: World;

  constructor(world: World, doors: Doors, config: MasterConfig, several?: Several) {
    this.#world = world;
    if (several === undefined) this.processes = [new MasterProcess(this.place, world, doors, config)];
    else this.processes = Array.from({ length: several.count }, (_, at) => oneOf(several, at, world, doors, config));
  }

  /** The process that leads, as far as it knows itself; of several such, the last that has opened the store. */
  get leader(): MasterProcess | undefined {
    if (this.processes.length === 1) return this.processes[0]!.core && this.processes[0];
    let leader: MasterProcess | undefined;
    for (const process of this.processes)
      if (process.core !== undefined && process.epoch > (leader?.epoch ?? 0)) leader = process;
    return leader;
  }

  /** Of whom leads. */
  get core(): Master | undefined {
    return this.processes.length === 1 ? this.processes[0]!.core : this.leader?.core;
  }

  /** Streams and requests that are open. */
  get open(): number {
    return this.processes.reduce((sum, { open }) => sum + open, 0);
  }

  set onCrash(told: (reason: Error) => void) {
    for (const process of this.processes) process.onCrash = told;
  }

  /** Told of each effect that leaves a process, whose it is, and the epoch of that. */
  set onEffect(told: (effect: MasterEffect, place: string, epoch: number) => void) {
    for (const process of this.processes) process.onEffect = (effect, epoch) => told(effect, process.place, epoch);
  }

  /** Told of each core that was loaded from the store. */
  set onLoaded(told: (core: Master, epoch: number) => void) {
    for (const process of this.processes) process.onLoaded = told;
  }

  /** Puts a wrong core in the place of the right one, to prove that it is noticed. */
  set spoil(spoil: (core: Master) => Master) {
    for (const process of this.processes) process.spoil = spoil;
  }

  /** Writes of processes that had been succeeded, which the store refused. */
  get refusedWrites(): number {
    return this.processes.reduce((sum, process) => sum + process.refusedWrites, 0);
  }

  get alive(): boolean {
    return this.processes.some(({ alive }) => alive);
  }

  get paused(): boolean {
    return this.processes.some(({ paused }) => paused);
  }

  start(): void {
    for (const process of this.processes) process.start();
  }

  // What follows is of one process that is alone.

  get disk(): Disk {
    return this.processes[0]!.disk;
  }

  get clock(): Clock {
    return this.processes[0]!.clock;
  }

  get release(): Release {
    return this.processes[0]!.release;
  }

  set release(release: Release) {
    this.processes[0]!.release = release;
  }

  kill(): void {
    this.processes[0]!.kill();
  }

  pause(): void {
    this.processes[0]!.pause();
  }

  resume(): void {
    this.processes[0]!.resume();
  }

  /**
   * The process is stopped and another takes its place. Returns what lets the old one go on, which knows nothing of it until its
   * store refuses a write, or the election tells it.
   */
  succeed(): () => void {
    const old = this.processes[0]!.replace();
    return () => {
      old.resume();
      this.#world.after(this.#world.between(0, ELECTION_MS), () => old.end());
    };
  }

  /** An operator's call, without a network between, to somebody who believes to lead; undefined when the process died before it answered, or nobody leads. */
  operate(call: operator.Call): Promise<Answer | undefined> {
    return this.#anyLeader()?.operate(call) ?? Promise.resolve(undefined);
  }

  /** What an operator reads of somebody who believes to lead; undefined when there is no answer. */
  read<T>(view: (state: MasterState) => T): Promise<T | undefined> {
    return this.#anyLeader()?.read(view) ?? Promise.resolve(undefined);
  }

  /** An operator listens to somebody who believes to lead, until he calls what is returned. */
  listen(): () => void {
    return this.#anyLeader()?.listen() ?? (() => {});
  }

  #anyLeader(): MasterProcess | undefined {
    const leaders = this.processes.filter(({ core }) => core !== undefined);
    return leaders.length > 1 ? leaders[this.#world.random.below(leaders.length)] : leaders[0];
  }
}

function oneOf(several: Several, at: number, world: World, doors: Doors, config: MasterConfig): MasterProcess {
  const place = `m${at + 1}`;
  const { etcd, rules } = several;
  const contest = (process: Process): Contest => enter({ process, doors, etcd, folder: "master", rules });
  return new MasterProcess(place, world.of(place), doors, { ...config, hostname: place }, contest);
}
