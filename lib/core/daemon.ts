import { LOOP_BOUNDS } from "./bounds.ts";
import { type Change, EpochRefused, StoreChanged, StoreFailed } from "./ports/store.ts";

/**
 * What a core writes its decisions into while it applies one event: records to save, and effects to carry out once
 * they are durable. Components extend it with words of their own (`send`, `answer`, `wake`).
 */
export class Outbox<Effect> {
  readonly puts = new Map<string, string>();
  readonly deletes = new Set<string>();
  effects: Effect[] = [];

  /** Saves a record; the object is serialised at once, so it may change afterwards. */
  save(key: string, value: object): void {
    this.puts.set(key, JSON.stringify(value));
    this.deletes.delete(key);
  }

  erase(key: string): void {
    this.puts.delete(key);
    this.deletes.add(key);
  }

  push(effect: Effect): void {
    this.effects.push(effect);
  }
}

/** Decides. Synchronous, owns its state, knows no clock, network, disk or random number of its own. */
export interface Core<Event, Out> {
  apply(event: Event, nowMs: number, out: Out): void;
}

/** Carries decisions out. Nothing here may wait: slow work is started, and its result comes back as an event. */
export interface Hands<Event, Effect> {
  carryOut(effect: Effect): void;
  /** The event's changes could not be stored: whoever waits for it is told so (503), and nothing of it happened. */
  refuse(event: Event, reason: Error): void;
  /** Whether somebody waits for an answer to the event, and comes again when it is refused. Only such events are refused for being too many: what else happened must not be forgotten. Left out: all are. */
  isAsked?(event: Event): boolean;
}

export interface DaemonPorts<Event, Effect, Out extends Outbox<Effect>, C extends Core<Event, Out>> {
  hands: Hands<Event, Effect>;
  newOutbox(): Out;
  nowMs(): number;
  commit(change: Change): Promise<void>;
  /** Builds the core afresh from the store; every connection to the old one is gone by then. */
  load(): Promise<C>;
  /** Runs `task` soon, after the current turn: `setImmediate` in production, the world's queue in the simulator. */
  defer(task: () => void): void;
  /** Runs `task` after `ms`. */
  later(task: () => void, ms: number): void;
  /** The store refused us for good, or the core broke: the process must end (a supervisor starts it again). */
  fatal(reason: Error): void;
  /** How many events may wait; left out, the default of {@link LOOP_BOUNDS}. */
  mostQueued?: number;
  /** Whether this process may still lead; false when another one can by now. Asked before anything is applied or leaves. Left out: always. */
  mayAct?(): boolean;
  /** The most records in one commit. */
  maxRecords: number;
  /** Tells operators that the store fails or works again. */
  onStore?(working: boolean, reason?: Error): void;
}

const MAX_EVENTS_A_TURN = 2048;
const PROBE_INTERVAL_MS = 1_000;

type Release<Effect> = { effects: Effect[] } | { view: () => void; refused: (reason: Error) => void };
interface Group<Event, Effect> extends Change {
  puts: Map<string, string>;
  deletes: Set<string>;
  events: Event[];
  releases: Release<Effect>[];
}

/**
 * The one loop of Meseta: takes all queued events, applies each, makes their saves durable in one commit, and only then
 * releases what depends on them: sends, answers and read views. While a commit is under way the next group is applied;
 * effects leave in commit order; an event that saves nothing and follows nothing uncommitted leaves at once.
 *
 * When a commit fails, its events and all later ones are refused, memory is dropped and loaded again from the store, and
 * the daemon goes on only when the store accepts a commit. Until then writes are refused; reads as well while the store cannot be
 * read, because what is in memory may never have been stored.
 */
export class Daemon<Event, Effect, Out extends Outbox<Effect>, C extends Core<Event, Out>> {
  readonly #ports: DaemonPorts<Event, Effect, Out, C>;
  #core: C;
  #out: Out;
  #queue: Event[] = [];
  #scheduled = false;
  #mode: "running" | "refusing" | "stopped" = "running";
  #failure: Error = new Error("the store is being loaded");
  /** Whether the core is what the store holds; else it is being replaced. */
  #loaded = true;
  /** How many events were refused because too many waited. */
  overflowed = 0;
  #committing: Group<Event, Effect> | undefined;
  #waiting: Group<Event, Effect>[] = [];

  constructor(core: C, ports: DaemonPorts<Event, Effect, Out, C>) {
    this.#core = core;
    this.#ports = ports;
    this.#out = ports.newOutbox();
  }

  /** The state as of the last applied event; for metrics, and for tests. Reads that answer clients use `read`. */
  get core(): C {
    return this.#core;
  }

  get queued(): number {
    return this.#queue.length;
  }

  get refusing(): Error | undefined {
    return this.#mode === "running" ? undefined : this.#failure;
  }

  post(event: Event): void {
    if (this.#mode !== "running") return this.#ports.hands.refuse(event, this.#failure);
    if (
      this.#queue.length >= (this.#ports.mostQueued ?? LOOP_BOUNDS.queuedEvents.most) &&
      this.#ports.hands.isAsked?.(event) !== false
    ) {
      this.overflowed++;
      return this.#ports.hands.refuse(event, new Error("too many requests are waiting"));
    }
    this.#queue.push(event);
    this.#schedule();
  }

  /** Computes `view` now and hands its result to `done` once everything it could have seen is durable. */
  read<T>(view: (core: C) => T, done: (result: T) => void, refused: (reason: Error) => void): void {
    if (!this.#loaded) return refused(this.#failure);
    const result = view(this.#core);
    const last = this.#waiting.at(-1) ?? this.#committing;
    if (last === undefined) this.#isOver() ? refused(this.#failure) : done(result);
    else last.releases.push({ view: () => done(result), refused });
  }

  /** Applies no further event. What is being committed still completes. */
  stop(): void {
    this.#mode = "stopped";
    this.#failure = new Error("shutting down");
    this.#queue = [];
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#ports.defer(() => this.#turn());
  }

  #turn(): void {
    this.#scheduled = false;
    if (this.#mode !== "running" || this.#isOver()) return;
    const batch = this.#queue.length <= MAX_EVENTS_A_TURN ? this.#queue : this.#queue.slice(0, MAX_EVENTS_A_TURN);
    this.#queue = batch === this.#queue ? [] : this.#queue.slice(MAX_EVENTS_A_TURN);
    const nowMs = this.#ports.nowMs();
    for (const event of batch) this.#apply(event, nowMs);
    if (this.#queue.length > 0) this.#schedule();
    this.#commitNext();
  }

  #apply(event: Event, nowMs: number): void {
    const out = this.#out;
    this.#core.apply(event, nowMs, out);
    const saves = out.puts.size + out.deletes.size;
    if (saves === 0 && this.#committing === undefined && this.#waiting.length === 0) return this.#leaveAtOnce(out);
    const group = this.#groupFor(saves);
    for (const [key, value] of out.puts) {
      group.puts.set(key, value);
      group.deletes.delete(key);
    }
    for (const key of out.deletes) {
      group.puts.delete(key);
      group.deletes.add(key);
    }
    group.events.push(event);
    if (out.effects.length > 0) group.releases.push({ effects: out.effects });
    out.puts.clear();
    out.deletes.clear();
    out.effects = [];
  }

  #leaveAtOnce(out: Out): void {
    const effects = out.effects;
    out.effects = [];
    if (effects.length === 0 || this.#isOver()) return;
    for (const effect of effects) this.#ports.hands.carryOut(effect);
  }

  // A group is cut only between events, so that the saves of one event are atomic.
  #groupFor(saves: number): Group<Event, Effect> {
    const last = this.#waiting.at(-1);
    if (last !== undefined && last.puts.size + last.deletes.size + saves <= this.#ports.maxRecords) return last;
    const group: Group<Event, Effect> = { puts: new Map(), deletes: new Set(), events: [], releases: [] };
    this.#waiting.push(group);
    return group;
  }

  #commitNext(): void {
    while (this.#committing === undefined && this.#waiting.length > 0) {
      const group = this.#waiting.shift()!;
      if (group.puts.size + group.deletes.size === 0) {
        this.#release(group);
        continue;
      }
      this.#committing = group;
      this.#ports.commit(group).then(
        () => this.#committed(group),
        (error: Error) => this.#failed(error),
      );
    }
  }

  #committed(group: Group<Event, Effect>): void {
    this.#committing = undefined;
    this.#release(group);
    this.#commitNext();
  }

  // A process that was stopped for a while must not go on where it was: another one may lead since.
  #isOver(): boolean {
    if (this.#ports.mayAct?.() !== false) return false;
    if (this.#mode === "stopped") return true;
    this.stop();
    this.#failure = new Error("this process leads no more");
    this.#ports.fatal(this.#failure);
    return true;
  }

  #release(group: Group<Event, Effect>): void {
    if (this.#isOver()) {
      for (const release of group.releases) if ("view" in release) release.refused(this.#failure);
      return;
    }
    for (const release of group.releases) {
      if ("view" in release) release.view();
      else for (const effect of release.effects) this.#ports.hands.carryOut(effect);
    }
  }

  #failed(error: Error): void {
    if (this.#mode === "stopped") return;
    if (error instanceof EpochRefused) return this.#ports.fatal(error);
    const groups = [this.#committing!, ...this.#waiting];
    const lost = groups.flatMap((group) => group.events).concat(this.#queue);
    this.#committing = undefined;
    this.#waiting = [];
    this.#queue = [];
    this.#mode = "refusing";
    this.#loaded = false;
    this.#failure = error;
    this.#ports.onStore?.(false, error);
    for (const event of lost) this.#ports.hands.refuse(event, error);
    for (const group of groups) for (const release of group.releases) if ("view" in release) release.refused(error);
    this.#reload();
  }

  // A store over a network can be away for longer; one that is damaged will not get better.
  #reload(): void {
    this.#ports.load().then(
      (core) => {
        this.#core = core;
        this.#loaded = true;
        this.#out = this.#ports.newOutbox();
        this.#probe();
      },
      (error: Error) => {
        if (!(error instanceof StoreFailed)) return this.#ports.fatal(error);
        this.#failure = error;
        if (this.#mode === "refusing") this.#ports.later(() => this.#reload(), PROBE_INTERVAL_MS);
      },
    );
  }

  // Writing goes on only when a commit of something harmless succeeds; a disk that is full stays readable meanwhile.
  #probe(): void {
    this.#ports.commit({ puts: new Map([["probe", String(this.#ports.nowMs())]]), deletes: new Set() }).then(
      () => {
        if (this.#mode === "refusing") this.#mode = "running";
        this.#ports.onStore?.(true);
      },
      (error: Error) => {
        if (error instanceof EpochRefused) return this.#ports.fatal(error);
        this.#failure = error;
        if (this.#mode !== "refusing") return;
        if (error instanceof StoreChanged) this.#loaded = false;
        this.#ports.later(() => (this.#loaded ? this.#probe() : this.#reload()), PROBE_INTERVAL_MS);
      },
    );
  }
}
