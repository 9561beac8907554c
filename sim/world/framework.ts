import type { Core, Outbox } from "@meseta/lib/core/daemon.ts";
import type { Contender } from "../checkers/leaders.ts";
import type { Clock } from "./clock.ts";
import { Disk } from "./disk.ts";
import type { Doors } from "./door.ts";
import { enter } from "./election.ts";
import { EtcdMirror } from "./etcd-mirror.ts";
import type { FrameworkAnswer, FrameworkKind, Known } from "./framework-kind.ts";
import { FrameworkSeat } from "./framework-seat.ts";
import type { Contest, Process } from "./life.ts";
import type { Several } from "./master.ts";
import type { Release } from "./release.ts";
import type { World } from "./world.ts";

/** Who looks at what one event came to, before it is stored. */
export interface Watch<Event, Out, C> {
  /** A core begins with what is stored. */
  loaded(core: C): void;
  applied(event: Event, out: Out, core: C, nowMs: number): void;
}

/** Watches several processes of one framework: which is the newest, and what leaves them. */
export interface Umpire {
  isNewest(epoch: number): boolean;
  /** Something leaves a process with this epoch. */
  acts(place: string, epoch: number): void;
}

/** One of the processes that contend, as faults see it. */
export interface SeatProcess extends Contender {
  readonly paused: boolean;
  readonly clock: Clock;
  start(): void;
  kill(): void;
  pause(): void;
  resume(): void;
}

/** What faults do to a framework, of whatever kind. */
export interface FrameworkProcess {
  readonly place: string;
  readonly disk: Disk;
  /** Its store is not on that disk. */
  readonly isOnEtcd: boolean;
  readonly clock: Clock;
  release: Release;
  readonly alive: boolean;
  readonly paused: boolean;
  /** Its processes: one, or several that contend. */
  readonly seats: readonly SeatProcess[];
  /** Who watches several of them. */
  umpire: Umpire | undefined;
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

/**
 * A framework of the house in the simulated cluster: the production core, daemon and connection to the master. It is one process with a disk, or several on one etcd, of
 * which one leads; what is done to it is done to that one.
 */
export class SimFramework<Event, Effect, Out extends Outbox<Effect>, C extends Core<Event, Out> & Known>
  implements FrameworkProcess
{
  /** Of the one process, or a name for all. */
  readonly place: string;
  /** Of several, what they have stored in etcd, as if it were on a disk. */
  readonly disk: Disk;
  readonly isOnEtcd: boolean;
  readonly seats: readonly FrameworkSeat<Event, Effect, Out, C>[];
  dieAfterCommits = Number.POSITIVE_INFINITY;
  onDeath: () => void = () => {};
  /** Called for each death that was not our doing: a bug. */
  onCrash: (reason: Error) => void = () => {};
  /** Told of each notice to those who listen, after it was stored what it is about. */
  onNotice: (notice: object) => void = () => {};
  watch: Watch<Event, Out, C> = { loaded() {}, applied() {} };
  umpire: Umpire | undefined;

  constructor(kind: FrameworkKind<Event, Effect, Out, C>, world: World, doors: Doors, several?: Several) {
    this.place = kind.place;
    this.disk = new Disk(world);
    this.isOnEtcd = several !== undefined;
    if (several === undefined) {
      this.seats = [new FrameworkSeat(this, kind, { place: kind.place, world, doors, disk: this.disk })];
      return;
    }
    const { count, etcd, rules } = several;
    new EtcdMirror(etcd, kind.place, this.disk);
    const contest = (process: Process): Contest => enter({ process, doors, etcd, folder: kind.place, rules });
    this.seats = Array.from({ length: count }, (_, at) => {
      const place = `${kind.place}${at + 1}`;
      return new FrameworkSeat(this, kind, { place, world: world.of(place), doors, disk: this.disk, enter: contest });
    });
  }

  /** Who leads, or is the next best that one can get at. */
  get #first(): FrameworkSeat<Event, Effect, Out, C> {
    let leader: FrameworkSeat<Event, Effect, Out, C> | undefined;
    for (const seat of this.seats) if (seat.core !== undefined && seat.epoch > (leader?.epoch ?? 0)) leader = seat;
    return leader ?? this.seats.find(({ alive }) => alive) ?? this.seats[0]!;
  }

  get clock(): Clock {
    return this.#first.clock;
  }

  /** Of who leads; the others follow when they are refused. */
  get release(): Release {
    return this.#first.release;
  }

  set release(release: Release) {
    this.#first.release = release;
  }

  /** All of its processes are. */
  get alive(): boolean {
    return this.seats.every(({ alive }) => alive);
  }

  get paused(): boolean {
    return this.seats.some(({ paused }) => paused);
  }

  /** The time by the clock of its process. */
  get nowMs(): number {
    return this.#first.nowMs;
  }

  /** The core, while the process runs. */
  get core(): C | undefined {
    return this.#first.core;
  }

  get frameworkId(): string | undefined {
    return this.core?.state.master.frameworkId;
  }

  start(): void {
    for (const seat of this.seats) seat.start();
  }

  kill(): void {
    this.#first.kill();
  }

  pause(): void {
    this.#first.pause();
  }

  resume(): void {
    for (const seat of this.seats) seat.resume();
  }

  /** Something happens to it from outside, as a timer of its hands would tell; nothing while the process is dead. */
  post(event: Event): void {
    this.#first.post(event);
  }

  /** A client's request, without a network between; undefined when the process died, or was not there, before it answered. */
  ask(method: string, url: string, body?: unknown): Promise<FrameworkAnswer | undefined> {
    return this.#first.ask(method, url, body);
  }

  /** A commit is on the disk. */
  committed(): void {
    if (--this.dieAfterCommits > 0 || !this.alive) return;
    this.dieAfterCommits = Number.POSITIVE_INFINITY;
    this.kill();
    this.onDeath();
  }
}
