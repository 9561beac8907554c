import type { LoopLimits } from "../core/bounds.ts";
import { type Core, Daemon, type Outbox } from "../core/daemon.ts";
import { Timings } from "../core/metrics.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Log } from "../core/ports/log.ts";
import type { Change, Opened, Store } from "../core/ports/store.ts";
import { Alarm } from "./alarm.ts";

export interface LoopPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether this process may still lead; left out, always. */
  readonly mayAct?: (() => boolean) | undefined;
  /** What `--limits` says of it; left out, the defaults. */
  readonly loopLimits?: LoopLimits | undefined;
  /** The process must end: the store belongs to another owner, or cannot be read, or the core broke. */
  fatal(reason: Error): void;
}

/** What is a component's own in its loop. */
export interface LoopPart<Event, Effect, Out extends Outbox<Effect>, C extends Core<Event, Out>> {
  /** The core as the records make it. */
  create(records: [key: string, value: string][], epoch: number): C;
  newOutbox(): Out;
  carryOut(effect: Effect): void;
  /** As {@link Hands.refuse}. */
  refuse(event: Event, reason: Error): void;
  /** As {@link Hands.isAsked}. */
  isAsked(event: Event): boolean;
  /** Tells a core that begins to work what it is to know first; also when the store works again. */
  begin(): void | Promise<void>;
  /** The store failed and the core is built afresh: whoever was connected to the old one comes again. */
  dropped(): void;
}

/** A core in its daemon, over a store, with the timers of this process. Before `start` is done there is no core. */
export class Loop<Event, Effect, Out extends Outbox<Effect>, C extends Core<Event, Out>> {
  /** How long commits and the reading of all records took. */
  readonly storing = new Timings();
  readonly loading = new Timings();
  /** Raised while the store refuses to store: reads work, writes are refused. */
  storeFailure: Error | undefined;
  readonly #part: LoopPart<Event, Effect, Out, C>;
  readonly #ports: LoopPorts;
  readonly #alarm: Alarm<Event>;
  #epoch = 0;
  #daemon: Daemon<Event, Effect, Out, C> | undefined;

  constructor(part: LoopPart<Event, Effect, Out, C>, ports: LoopPorts) {
    this.#part = part;
    this.#ports = ports;
    this.#alarm = new Alarm(
      () => ports.clock.nowMs(),
      (event) => this.post(event),
    );
  }

  /** Takes the store over, builds the core from it, and lets it begin. */
  async start(): Promise<Opened> {
    const opened = await this.#ports.store.open();
    this.#epoch = opened.epoch;
    this.#daemon = new Daemon(await this.#load(), this.#daemonPorts());
    await this.#part.begin();
    return opened;
  }

  get ready(): boolean {
    return this.#daemon !== undefined;
  }

  /** Why nothing is applied now; undefined while all is well. */
  get refusing(): Error | undefined {
    return this.#daemon?.refusing;
  }

  /** Events that wait. */
  get queued(): number {
    return this.#daemon?.queued ?? 0;
  }

  /** How many events were refused because too many waited. */
  get overflowed(): number {
    return this.#daemon?.overflowed ?? 0;
  }

  /** As of the last event, durable or not; what clients are told comes through `read`. */
  get core(): C {
    return this.#daemon!.core;
  }

  post(event: Event): void {
    if (this.#daemon === undefined) this.#part.refuse(event, new Error("the records are being loaded"));
    else this.#daemon.post(event);
  }

  /** Posts the event when it is due. */
  wake(atMs: number, event: Event): void {
    this.#alarm.add(atMs, event);
  }

  /** As {@link Daemon.read}. */
  read<T>(view: (core: C) => T, done: (result: T) => void, refused: (reason: Error) => void): void {
    this.#daemon!.read(view, done, refused);
  }

  nowMs(): number {
    return this.#ports.clock.nowMs();
  }

  stop(): void {
    this.#daemon?.stop();
    this.#alarm.clear();
  }

  async #load(): Promise<C> {
    const startMs = performance.now();
    const records = await this.#ports.store.scan("");
    this.loading.record(performance.now() - startMs);
    return this.#part.create(records, this.#epoch);
  }

  // The timers of the old core mean nothing to the new one.
  #reload(): Promise<C> {
    this.#part.dropped();
    this.#alarm.clear();
    return this.#load();
  }

  #daemonPorts() {
    const { store, fatal, mayAct, loopLimits } = this.#ports;
    const part = this.#part;
    return {
      hands: {
        carryOut: (effect: Effect) => part.carryOut(effect),
        refuse: (event: Event, reason: Error) => part.refuse(event, reason),
        isAsked: (event: Event) => part.isAsked(event),
      },
      newOutbox: () => part.newOutbox(),
      nowMs: () => this.nowMs(),
      commit: (change: Change) => this.#commit(change),
      load: () => this.#reload(),
      defer: (task: () => void) => void setImmediate(task),
      later: (task: () => void, ms: number) => void setTimeout(task, ms).unref(),
      fatal,
      ...(mayAct !== undefined && { mayAct }),
      ...(loopLimits !== undefined && { mostQueued: loopLimits.queuedEvents }),
      maxRecords: store.maxRecords,
      onStore: (works: boolean, reason?: Error) => this.#onStore(works, reason),
    };
  }

  async #commit(change: Change): Promise<void> {
    const startMs = performance.now();
    await this.#ports.store.commit(change, this.#epoch);
    this.storing.record(performance.now() - startMs);
  }

  #onStore(works: boolean, reason: Error | undefined): void {
    this.storeFailure = works ? undefined : reason;
    if (!works)
      return this.#ports.log.error("The store failed: writes are refused until it works", { reason: reason?.message });
    this.#ports.log.info("The store works again");
    void this.#part.begin();
  }
}
