import { type Core, Daemon, type Hands, type Outbox } from "@meseta/lib/core/daemon.ts";
import type { Store } from "@meseta/lib/core/ports/store.ts";
import type { Disk } from "./disk.ts";
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

/** One life of a simulated process: the production daemon over a simulated disk, clock and hands; ends by `kill`. */
export class Life<Event, Effect, Out extends Outbox<Effect>, C extends Core<Event, Out>> {
  readonly world: World;
  alive = true;
  daemon: Daemon<Event, Effect, Out, C> | undefined;

  constructor(world: World, disk: Disk, kind: Kind<Event, Effect, Out, C>, onDeath: (reason: Error) => void) {
    this.world = world;
    void this.#begin(disk, kind, onDeath);
  }

  post(event: Event): void {
    if (this.alive) this.daemon?.post(event);
  }

  /** kill -9: nothing more of this life happens, between any two lines. */
  kill(): void {
    this.alive = false;
  }

  async #begin(disk: Disk, kind: Kind<Event, Effect, Out, C>, onDeath: (reason: Error) => void): Promise<void> {
    const store = disk.store(() => this.alive);
    const { epoch } = await store.open();
    const core = await kind.load(store, epoch);
    const hands = kind.hands(this);
    this.daemon = new Daemon<Event, Effect, Out, C>(core, {
      hands: {
        carryOut: (effect) => this.alive && hands.carryOut(effect),
        refuse: (event, reason) => this.alive && hands.refuse(event, reason),
      },
      newOutbox: () => kind.newOutbox(),
      nowMs: () => this.world.nowMs,
      commit: (change) => store.commit(change, epoch),
      load: () => kind.load(store, epoch),
      defer: (task) => this.#soon(0, task),
      later: (task, ms) => this.#soon(ms, task),
      fatal: (reason) => this.alive && onDeath(reason),
      maxRecords: store.maxRecords,
      onStore: (working) => (working ? kind.started(this) : kind.dropped(this)),
    });
    if (this.alive) kind.started(this);
  }

  #soon(ms: number, task: () => void): void {
    this.world.after(ms, () => {
      if (this.alive) task();
    });
  }
}
