import type * as operator from "@meseta/api/mesos/generated/master.ts";
import type { MasterEvent } from "@meseta/kernel/core/master/event.ts";
import { createMaster, type Master } from "@meseta/kernel/core/master/master.ts";
import { type Answer, type MasterEffect, MasterOut } from "@meseta/kernel/core/master/out.ts";
import type { MasterConfig, MasterState } from "@meseta/kernel/core/master/state.ts";
import type { Address } from "@meseta/lib/core/ports/election.ts";
import { EpochRefused, type Store, StoreNewer } from "@meseta/lib/core/ports/store.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { Violation } from "../checkers/violation.ts";
import { Clock } from "./clock.ts";
import { Disk } from "./disk.ts";
import type { Doors } from "./door.ts";
import { type Contest, isOfStore, type Kind, Life, type Process } from "./life.ts";
import { MasterHands } from "./master-hands.ts";
import { FIRST_RELEASE, nextRelease } from "./release.ts";
import { Standby } from "./standby.ts";
import type { World } from "./world.ts";

export type MasterLife = Life<MasterEvent, MasterEffect, MasterOut, Master>;

interface Run {
  life: MasterLife | undefined;
  hands: MasterHands | undefined;
}

/** One process of a master: the production core and daemon; it can be killed, stopped and replaced. */
export class MasterProcess {
  readonly place: string;
  readonly disk: Disk;
  readonly clock: Clock;
  release = FIRST_RELEASE;
  /** Called for each death that was not our doing: a bug. */
  onCrash: (reason: Error) => void = () => {};
  onLoaded: (core: Master, epoch: number) => void = () => {};
  spoil: (core: Master) => Master = (core) => core;
  /** Told of each effect that leaves. */
  onEffect: (effect: MasterEffect, epoch: number) => void = () => {};
  refusedWrites = 0;
  /** How often it led no more, or could not begin. */
  endings = 0;
  readonly #world: World;
  readonly #doors: Doors;
  readonly #config: MasterConfig;
  readonly #enter: ((process: Process) => Contest) | undefined;
  #run: Run | undefined;
  #lives = 0;

  /** `enter`: its store and its election, where it is one of several. */
  constructor(place: string, world: World, doors: Doors, config: MasterConfig, enter?: (process: Process) => Contest) {
    this.place = place;
    this.#world = world;
    this.#doors = doors;
    this.#config = config;
    this.#enter = enter;
    this.disk = new Disk(world);
    this.clock = new Clock(world);
  }

  get alive(): boolean {
    return this.#run?.life?.alive ?? false;
  }

  get paused(): boolean {
    return this.#run?.life?.paused ?? false;
  }

  /** The core, while the process runs and leads. */
  get core(): Master | undefined {
    return this.alive ? this.#run!.life!.daemon?.core : undefined;
  }

  /** Of its store; 0 while it has none open. */
  get epoch(): number {
    return this.#run?.life?.epoch ?? 0;
  }

  /** It was elected, whether it has loaded its records or not. */
  get leads(): boolean {
    return this.#run?.life?.leads ?? false;
  }

  /** Whether it may act, as it believes. */
  get mayAct(): boolean {
    return this.alive && (this.#run!.life!.election?.mayAct() ?? true);
  }

  /** Who leads, as far as it knows, while it does not itself. */
  get leaderKnown(): Address | undefined {
    return this.alive ? this.#run!.life!.election?.leader() : undefined;
  }

  /** Streams and requests that are open. */
  get open(): number {
    return this.#run?.hands?.open ?? 0;
  }

  start(): void {
    if (!this.alive) this.#begin();
  }

  #begin(): void {
    const host = {
      place: this.place,
      life: ++this.#lives,
      world: this.#world,
      clock: this.clock,
      disk: this.disk,
      release: this.release,
      ...(this.#enter !== undefined && { enter: this.#enter }),
    };
    const run: Run = { life: undefined, hands: undefined };
    this.#run = run;
    run.life = new Life(host, this.#kind(run), (reason) => this.#died(run, reason));
    if (this.#enter !== undefined) this.#standBy(run, run.life);
  }

  kill(): void {
    if (this.#run !== undefined) this.#end(this.#run);
  }

  pause(): void {
    this.#run?.life?.pause();
  }

  resume(): void {
    this.#run?.life?.resume();
  }

  /** The process is stopped and another is started in its place. What is returned lets the old one go on, or end. */
  replace(): { resume(): void; end(): void } {
    const old = this.#run!;
    old.life!.pause();
    this.#begin();
    return { resume: () => old.life!.resume(), end: () => this.#end(old) };
  }

  operate(call: operator.Call): Promise<Answer | undefined> {
    return this.#run?.hands?.operate(call) ?? Promise.resolve(undefined);
  }

  read<T>(view: (state: MasterState) => T): Promise<T | undefined> {
    return this.#run?.hands?.read(view) ?? Promise.resolve(undefined);
  }

  listen(): () => void {
    return this.#run?.hands?.listen() ?? (() => {});
  }

  #kind(run: Run): Kind<MasterEvent, MasterEffect, MasterOut, Master> {
    return {
      newOutbox: () => new MasterOut(),
      load: (store, epoch) => this.#load(run, store, epoch),
      hands: (life) => (run.hands = new MasterHands(life, (effect) => this.onEffect(effect, life.epoch!))),
      started: (life) => {
        if (this.#enter === undefined && this.#run?.life === life)
          this.#doors.listen(this.place, (end, from) => run.hands!.accept(end, from));
        life.post({ type: "wake", wake: { for: "start" } });
      },
      dropped: () => this.#leave(run),
    };
  }

  async #load(run: Run, store: Store, epoch: number): Promise<Master> {
    const records = await store.scan("");
    const core = createMaster(this.#config, {
      random: createRandom(this.#world.random.below(0x7fffffff)),
      epoch,
      startMs: run.life?.clock.nowMs ?? this.clock.read().nowMs,
      records,
    });
    this.onLoaded(core, epoch);
    return this.spoil(core);
  }

  // One of several listens from its start, and says who leads while that is another one.
  #standBy(run: Run, life: MasterLife): void {
    const standby = new Standby(life, () => run.hands);
    this.#doors.listen(this.place, (end, from) => standby.accept(end, from));
  }

  // A process that finds itself succeeded ends, as it should; all else is a bug.
  #died(run: Run, reason: Error): void {
    if (reason instanceof Violation) return this.onCrash(reason);
    if (reason instanceof StoreNewer) {
      if (this.#run === run) this.release = nextRelease(this.release);
      return this.#again(run);
    }
    if (reason instanceof EpochRefused) this.refusedWrites++;
    const { election } = run.life!;
    if (election !== undefined && (reason instanceof EpochRefused || isOfStore(reason) || !election.mayAct()))
      return this.#again(run);
    if (isOfStore(reason)) return this.#again(run);
    if (!(reason instanceof EpochRefused)) return this.onCrash(reason);
    this.#end(run);
  }

  // A supervisor starts it again, unless another was started meanwhile.
  #again(run: Run): void {
    this.endings++;
    this.#end(run);
    this.#world.after(this.#world.between(1_000, 5_000), () => this.#run === run && this.start());
  }

  #end(run: Run): void {
    run.life!.kill();
    this.#leave(run);
    if (this.#enter !== undefined && this.#run === run) this.#doors.leave(this.place);
  }

  #leave(run: Run): void {
    if (this.#enter === undefined && this.#run === run) this.#doors.unlisten(this.place);
    run.hands?.closeAll();
  }
}
