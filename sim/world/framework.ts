import type { Core, Outbox } from "@meseta/lib/core/daemon.ts";
import { EpochRefused } from "@meseta/lib/core/ports/store.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { Clock } from "./clock.ts";
import { Disk } from "./disk.ts";
import type { Doors } from "./door.ts";
import { FrameworkHands } from "./framework-hands.ts";
import type { FrameworkAnswer, FrameworkKind, Known } from "./framework-kind.ts";
import { isOfStore, type Kind, Life } from "./life.ts";
import type { World } from "./world.ts";

/** Who looks at what one event came to, before it is stored. */
export interface Watch<Event, Out, C> {
  /** A core begins with what is stored. */
  loaded(core: C): void;
  applied(event: Event, out: Out, core: C, nowMs: number): void;
}

/** What faults do to a framework, of whatever kind. */
export interface FrameworkProcess {
  readonly place: string;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly alive: boolean;
  readonly paused: boolean;
  /** Its id, as far as the process knows. */
  readonly frameworkId: string | undefined;
  /** The process dies when so many more commits are on the disk, before anybody knows of the last of them. */
  dieAfterCommits: number;
  onDeath: () => void;
  start(): void;
  /** kill -9; its tasks run on. */
  kill(): void;
  pause(): void;
  resume(): void;
}

/** A framework of the house in the simulated cluster: the production core, daemon and connection to the master; its process can be killed, stopped and cut off. */
export class SimFramework<Event, Effect, Out extends Outbox<Effect>, C extends Core<Event, Out> & Known>
  implements FrameworkProcess
{
  readonly place: string;
  readonly disk: Disk;
  readonly clock: Clock;
  dieAfterCommits = Number.POSITIVE_INFINITY;
  onDeath: () => void = () => {};
  /** Called for each death that was not our doing: a bug. */
  onCrash: (reason: Error) => void = () => {};
  /** Told of each notice to those who listen, after it was stored what it is about. */
  onNotice: (notice: object) => void = () => {};
  watch: Watch<Event, Out, C> = { loaded() {}, applied() {} };
  /** Puts a wrong core in the place of the right one, to prove that it is noticed. */
  spoil: (core: C) => C = (core) => core;
  readonly #kind: FrameworkKind<Event, Effect, Out, C>;
  readonly #world: World;
  readonly #doors: Doors;
  #life: Life<Event, Effect, Out, C> | undefined;
  #hands: FrameworkHands<Event, Effect, Out, C> | undefined;

  constructor(kind: FrameworkKind<Event, Effect, Out, C>, world: World, doors: Doors) {
    this.#kind = kind;
    this.#world = world;
    this.#doors = doors;
    this.place = kind.place;
    this.disk = new Disk(world);
    this.clock = new Clock(world);
  }

  get alive(): boolean {
    return this.#life?.alive ?? false;
  }

  get paused(): boolean {
    return this.#life?.paused ?? false;
  }

  /** The time by the clock of its process. */
  get nowMs(): number {
    return this.#life?.clock.nowMs ?? this.clock.read().nowMs;
  }

  /** The core, while the process runs. */
  get core(): C | undefined {
    return this.alive ? this.#life!.daemon?.core : undefined;
  }

  get frameworkId(): string | undefined {
    return this.core?.state.master.frameworkId;
  }

  start(): void {
    if (this.alive) return;
    const { isByTimeOfDay = false } = this.#kind;
    const host = { place: this.place, world: this.#world, clock: this.clock, disk: this.disk, isByTimeOfDay };
    this.#life = new Life(host, this.#process(), (reason) => this.#died(reason));
  }

  kill(): void {
    this.#life?.kill();
    this.#hands?.closeAll();
    this.#hands = undefined;
    this.#doors.leave(this.place);
  }

  pause(): void {
    this.#life?.pause();
  }

  resume(): void {
    this.#life?.resume();
  }

  /** Something happens to it from outside, as a timer of its hands would tell; nothing while the process is dead. */
  post(event: Event): void {
    this.#life?.post(event);
  }

  /** A client's request, without a network between; undefined when the process died, or was not there, before it answered. */
  ask(method: string, url: string, body?: unknown): Promise<FrameworkAnswer | undefined> {
    return this.#hands?.ask(method, url, body) ?? Promise.resolve(undefined);
  }

  /** A commit is on the disk. */
  committed(): void {
    if (--this.dieAfterCommits > 0 || !this.alive) return;
    this.dieAfterCommits = Number.POSITIVE_INFINITY;
    this.kill();
    this.onDeath();
  }

  #process(): Kind<Event, Effect, Out, C> {
    return {
      newOutbox: () => this.#kind.newOutbox(),
      load: async (store) => this.#load(await store.scan("")),
      hands: (life) => (this.#hands = this.#handsOf(life)),
      started: (life) => life.post(this.#kind.news({ type: "wake", wake: { for: "start" } })),
      dropped: () => this.#hands?.closeAll(),
    };
  }

  #handsOf(life: Life<Event, Effect, Out, C>): FrameworkHands<Event, Effect, Out, C> {
    return new FrameworkHands(this.#kind, life, this.#world, this.#doors, {
      leave: () => this.#again(),
      notice: (notice) => this.onNotice(notice),
    });
  }

  #load(records: [string, string][]): C {
    const random = createRandom(this.#world.random.below(0x7fffffff));
    const startMs = this.nowMs;
    const core = this.spoil(this.#kind.create({ random, startMs, records }));
    this.watch.loaded(core);
    const right = core.apply.bind(core);
    core.apply = (event, nowMs, out) => {
      right(event, nowMs, out);
      this.watch.applied(event, out, core, nowMs);
    };
    return core;
  }

  #died(reason: Error): void {
    if (isOfStore(reason)) return this.#again();
    if (!(reason instanceof EpochRefused)) this.onCrash(reason);
  }

  // The master ended the session, as when a subscription of an earlier life came late: a supervisor starts it again.
  #again(): void {
    this.kill();
    this.#world.after(this.#world.between(100, 3_000), () => this.start());
  }
}
