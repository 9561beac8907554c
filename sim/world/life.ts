import { type Core, Daemon, type Hands, type Outbox } from "@meseta/lib/core/daemon.ts";
import type { FormattedStore } from "@meseta/lib/core/formatted.ts";
import type { Address, Election } from "@meseta/lib/core/ports/election.ts";
import { type Change, EpochRefused, type Store, StoreDamaged, StoreFailed } from "@meseta/lib/core/ports/store.ts";
import { Violation } from "../checkers/violation.ts";
import type { Clock, ProcessClock } from "./clock.ts";
import type { Disk } from "./disk.ts";
import { FIRST_RELEASE, ofRelease, type Release } from "./release.ts";
import type { World } from "./world.ts";

/** What a kind of process does with its core: how it is built, and how its effects reach the simulated world. */
export interface Kind<Event, Effect, Out extends Outbox<Effect>, C extends Core<Event, Out>> {
  newOutbox(): Out;
  /** Builds the core from the store, as production does after a start and after a failed commit. */
  load(store: Store, epoch: number): Promise<C>;
  /** The hands of this life; `post` feeds the daemon. */
  hands(life: Life<Event, Effect, Out, C>): Hands<Event, Effect>;
  /** The core is loaded and the daemon runs. */
  started(life: Life<Event, Effect, Out, C>): void;
  /** The store failed: every connection must break, because memory is dropped. */
  dropped(life: Life<Event, Effect, Out, C>): void;
}

/** A process as its own parts have it: what they begin goes on while it runs, waits while it is stopped, and ends with it. */
export interface Process {
  readonly place: string;
  /** Of this life of the process. */
  readonly name: string;
  readonly world: World;
  readonly alive: boolean;
  /** Happens now, or when the process goes on. */
  run(task: () => void): void;
  /** Resolves after so long by the process's own clock. */
  wait(ms: number): Promise<void>;
  /** A clock that nobody sets. */
  steadyMs(): number;
  dayMs(): number;
}

/** One of several processes on one store: who leads opens it. */
export interface Contest {
  readonly store: Store;
  readonly election: Election;
  readonly address: Address;
  /** The process was told that its commit is done. */
  stored(): void;
}

/** The machine that a process runs on, as far as the process can tell. */
export interface Host {
  /** Its how manieth life this is. */
  readonly life?: number;
  readonly place: string;
  readonly world: World;
  readonly clock: Clock;
  /** What its store is on, where it has one of its own. */
  readonly disk: Disk;
  /** The first, unless said. */
  readonly release?: Release;
  /** Its store and its election, where it is one of several. */
  readonly enter?: ((process: Process) => Contest) | undefined;
  /** The process goes by the time of day, also after somebody has set the clock; otherwise it counts from its start. */
  readonly isByTimeOfDay?: boolean;
}

/** A timer looks at the clock that often, because somebody may have set it. As `lib/io/alarm.ts` does. */
const LONGEST_WAIT_MS = 10_000;

/** One life of a simulated process: the production daemon over a simulated disk, clock and hands; ends by `kill`. */
export class Life<Event, Effect, Out extends Outbox<Effect>, C extends Core<Event, Out>> implements Process {
  readonly place: string;
  readonly name: string;
  readonly world: World;
  readonly clock: ProcessClock;
  alive = true;
  daemon: Daemon<Event, Effect, Out, C> | undefined;
  /** Its election, where it is one of several. */
  readonly election: Election | undefined;
  /** It was elected. */
  leads = false;
  /** The epoch of its store, once it has opened that. */
  epoch: number | undefined;
  readonly #clock: Clock;
  readonly #steady: ProcessClock;
  /** It was told that its store is another's. */
  #isRefused = false;
  /** What waits while the process is stopped by a signal; undefined while it runs. */
  #held: (() => void)[] | undefined;

  constructor(
    { place, life = 1, world, clock, disk, release = FIRST_RELEASE, enter, isByTimeOfDay }: Host,
    kind: Kind<Event, Effect, Out, C>,
    onDeath: (reason: Error) => void,
  ) {
    this.place = place;
    this.name = `${place}, life ${life}`;
    this.world = world;
    this.#clock = clock;
    this.#steady = clock.read();
    this.clock = isByTimeOfDay ? clock.follow() : this.#steady;
    const contest = enter?.(this);
    this.election = contest?.election;
    const store = ofRelease(contest?.store ?? disk.store(() => this.alive), release, place);
    const fatal = (reason: Error): void => void (this.alive && onDeath(reason));
    void this.#begin(store, contest, kind, fatal).catch((error: Error) => {
      world.log?.(`cannot begin: ${error.message}`, place);
      fatal(error);
    });
  }

  steadyMs(): number {
    return this.#steady.nowMs;
  }

  dayMs(): number {
    return this.#clock.read().nowMs;
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.#soon(ms / this.#clock.pace, resolve));
  }

  post(event: Event): void {
    this.run(() => {
      this.world.log?.(`hears ${described(event)}`, this.place);
      this.daemon?.post(event);
    });
  }

  /** A timer of the process. It rings early when the clock was set back. */
  wake(atMs: number, event: Event): void {
    const sinceMs = this.clock.nowMs;
    const waitMs = Math.min(Math.ceil(atMs - sinceMs), LONGEST_WAIT_MS);
    this.world.after(waitMs, () => {
      const { nowMs } = this.clock;
      if (nowMs >= atMs || nowMs < sinceMs) this.post(event);
      else if (this.alive) this.wake(atMs, event);
    });
  }

  /** kill -9: nothing more of this life happens, between any two lines. */
  kill(): void {
    this.alive = false;
    this.leads = false;
  }

  get paused(): boolean {
    return this.#held !== undefined;
  }

  /** SIGSTOP: the process does nothing, and what happens to it waits. */
  pause(): void {
    this.#held ??= [];
  }

  /** SIGCONT: all that waited happens now, in order. */
  resume(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const task of held) this.run(task);
  }

  run(task: () => void): void {
    if (!this.alive) return;
    if (this.#held === undefined) task();
    else this.#held.push(task);
  }

  async #begin(
    store: FormattedStore,
    contest: Contest | undefined,
    kind: Kind<Event, Effect, Out, C>,
    fatal: (reason: Error) => void,
  ): Promise<void> {
    if (contest !== undefined) {
      // As boot/etcd/election.ts: who could not lead does not stand by.
      await store.refuseNewer();
      await this.#stand(contest, fatal);
    }
    const { epoch } = await store.open();
    this.epoch = epoch;
    const core = await kind.load(store, epoch);
    this.world.log?.(`begins with epoch ${epoch}`, this.place);
    const hands = kind.hands(this);
    this.daemon = new Daemon<Event, Effect, Out, C>(core, {
      hands: {
        carryOut: (effect) => this.alive && this.#leaves(() => hands.carryOut(effect), contest, fatal),
        refuse: (event, reason) => this.alive && hands.refuse(event, reason),
      },
      newOutbox: () => kind.newOutbox(),
      nowMs: () => this.clock.nowMs,
      commit: (change) => this.#answer(this.#told(change, store.commit(change, epoch)), () => contest?.stored()),
      load: () => kind.load(store, epoch),
      defer: (task) => this.#soon(0, task),
      later: (task, ms) => this.#soon(ms, task),
      fatal,
      ...(contest !== undefined && { mayAct: () => contest.election.mayAct() }),
      maxRecords: store.maxRecords,
      onStore: (working) => (working ? kind.started(this) : kind.dropped(this)),
    });
    if (this.alive) kind.started(this);
  }

  async #stand({ election, address }: Contest, fatal: (reason: Error) => void): Promise<void> {
    await election.stand(address);
    this.leads = true;
    this.world.log?.("leads", this.place);
    void election.lost.then((reason) => {
      this.leads = false;
      this.world.log?.(`leads no more: ${reason.message}`, this.place);
      fatal(reason);
    });
  }

  // I6: nothing leaves who knows that he may not act, or whose write was refused because there is another.
  #leaves(carryOut: () => void, contest: Contest | undefined, fatal: (reason: Error) => void): void {
    if (this.#isRefused) return fatal(new Violation(`I6: ${this.name} acts, and its store is another's`));
    if (contest?.election.mayAct() === false) return fatal(new Violation(`I6: ${this.name} acts, and leads no more`));
    carryOut();
  }

  // What is told of a commit is what came of it, dead or alive.
  #told({ puts, deletes }: Change, commit: Promise<void>): Promise<void> {
    if (this.world.log === undefined) return commit;
    const what = [...puts.keys(), ...[...deletes].map((key) => `-${key}`)].join(" ");
    commit.then(
      () => this.world.log?.(`stored ${what}`, this.place),
      (error: Error) => this.world.log?.(`could not store ${what}: ${error.message}`, this.place),
    );
    return commit;
  }

  // What the disk says reaches a process that is stopped only when it goes on.
  #answer(commit: Promise<void>, stored: () => void): Promise<void> {
    return new Promise((resolve, reject) =>
      commit.then(
        () =>
          this.run(() => {
            stored();
            resolve();
          }),
        (error) =>
          this.run(() => {
            this.#isRefused = error instanceof EpochRefused;
            reject(error);
          }),
      ),
    );
  }

  #soon(ms: number, task: () => void): void {
    this.world.after(ms, () => this.run(task));
  }
}

/** Whether a process ended, as it should, because what it had stored could not be read: a supervisor starts it again. */
export function isOfStore(reason: Error): boolean {
  return reason instanceof StoreFailed || reason instanceof StoreDamaged;
}

/** An event in a few words, as the log of a history shows it: its types, from the outside in. */
function described(event: unknown): string {
  const types: string[] = [];
  for (let part = event; typeof part === "object" && part !== null; part = inner(part))
    if ("type" in part && typeof part.type === "string") types.push(part.type);
  return types.join(" ");
}

const inner = (part: object): unknown =>
  ["call", "event", "wake", "message"]
    .map((name) => (part as Record<string, unknown>)[name])
    .find((one) => one !== undefined);
