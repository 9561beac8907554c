import type * as operator from "@meseta/api/mesos/generated/master.ts";
import type { MasterEvent } from "@meseta/kernel/core/master/event.ts";
import { createMaster, type Master } from "@meseta/kernel/core/master/master.ts";
import { type Answer, type MasterEffect, MasterOut } from "@meseta/kernel/core/master/out.ts";
import type { MasterConfig } from "@meseta/kernel/core/master/state.ts";
import { EpochRefused } from "@meseta/lib/core/ports/store.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { Clock } from "./clock.ts";
import { Disk } from "./disk.ts";
import type { Doors } from "./door.ts";
import { isOfStore, type Kind, Life } from "./life.ts";
import { MasterHands } from "./master-hands.ts";
import type { World } from "./world.ts";

export type MasterLife = Life<MasterEvent, MasterEffect, MasterOut, Master>;
/** The longest that a leader believes to be one after it has been succeeded. */
const ELECTION_MS = 15_000;

interface Run {
  readonly life: MasterLife;
  hands: MasterHands | undefined;
}

/** A master of the simulated cluster: the production core and daemon; its process can be killed, stopped and succeeded. */
export class SimMaster {
  readonly place = "master";
  readonly disk: Disk;
  readonly clock: Clock;
  /** Called for each death that was not our doing: a bug. */
  onCrash: (reason: Error) => void = () => {};
  /** Told of each core that was loaded from the store. */
  onLoaded: (core: Master) => void = () => {};
  /** Puts a wrong core in the place of the right one, to prove that it is noticed. */
  spoil: (core: Master) => Master = (core) => core;
  /** Writes of a process that had been succeeded, which the store refused. */
  refusedWrites = 0;
  readonly #world: World;
  readonly #doors: Doors;
  readonly #config: MasterConfig;
  #run: Run | undefined;

  constructor(world: World, doors: Doors, config: MasterConfig) {
    this.#world = world;
    this.#doors = doors;
    this.#config = config;
    this.disk = new Disk(world);
    this.clock = new Clock(world);
  }

  get alive(): boolean {
    return this.#run?.life.alive ?? false;
  }

  get paused(): boolean {
    return this.#run?.life.paused ?? false;
  }

  /** The core, while the process runs. */
  get core(): Master | undefined {
    return this.alive ? this.#run!.life.daemon?.core : undefined;
  }

  /** Streams and requests that are open. */
  get open(): number {
    return this.#run?.hands?.open ?? 0;
  }

  start(): void {
    const host = { place: this.place, world: this.#world, clock: this.clock, disk: this.disk };
    const run: { life: MasterLife | undefined; hands: MasterHands | undefined } = { life: undefined, hands: undefined };
    run.life = new Life(host, this.#kind(run), (reason) => this.#died(run as Run, reason));
    this.#run = run as Run;
  }

  kill(): void {
    if (this.#run !== undefined) this.#end(this.#run);
  }

  pause(): void {
    this.#run?.life.pause();
  }

  resume(): void {
    this.#run?.life.resume();
  }

  /**
   * The process is stopped and another takes its place. Returns what lets the old one go on, which knows nothing of it until its
   * store refuses a write, or the election tells it.
   */
  succeed(): () => void {
    const old = this.#run!;
    old.life.pause();
    this.start();
    return () => {
      old.life.resume();
      this.#world.after(this.#world.between(0, ELECTION_MS), () => this.#end(old));
    };
  }

  /** An operator's call, without a network between; undefined when the process died before it answered. */
  operate(call: operator.Call): Promise<Answer | undefined> {
    return this.#run?.hands?.operate(call) ?? Promise.resolve(undefined);
  }

  #kind(run: {
    readonly life: MasterLife | undefined;
    hands: MasterHands | undefined;
  }): Kind<MasterEvent, MasterEffect, MasterOut, Master> {
    return {
      newOutbox: () => new MasterOut(),
      load: async (store, epoch) => {
        const core = createMaster(this.#config, {
          random: createRandom(this.#world.random.below(0x7fffffff)),
          epoch,
          startMs: run.life?.clock.nowMs ?? this.clock.read().nowMs,
          records: await store.scan(""),
        });
        this.onLoaded(core);
        return this.spoil(core);
      },
      hands: (life) => (run.hands = new MasterHands(life)),
      started: (life) => {
        if (this.#run?.life === life) this.#doors.listen(this.place, (end, from) => run.hands!.accept(end, from));
        life.post({ type: "wake", wake: { for: "start" } });
      },
      dropped: () => this.#leave(run),
    };
  }

  // A process that finds itself succeeded ends, as it should; all else is a bug.
  #died(run: Run, reason: Error): void {
    if (isOfStore(reason)) return this.#again(run);
    if (!(reason instanceof EpochRefused)) return this.onCrash(reason);
    this.refusedWrites++;
    this.#end(run);
  }

  // A supervisor starts it again, unless another was started meanwhile.
  #again(run: Run): void {
    this.#end(run);
    this.#world.after(this.#world.between(1_000, 5_000), () => this.#run === run && this.start());
  }

  #end(run: Run): void {
    run.life.kill();
    this.#leave(run);
  }

  #leave(run: { hands: MasterHands | undefined }): void {
    if (this.#run === run) this.#doors.unlisten(this.place);
    run.hands?.closeAll();
  }
}
