import type { Core, Outbox } from "@meseta/lib/core/daemon.ts";
import type { Address } from "@meseta/lib/core/ports/election.ts";
import { EpochRefused, type Store, StoreNewer } from "@meseta/lib/core/ports/store.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { Violation } from "../checkers/violation.ts";
import { Clock } from "./clock.ts";
import type { Disk } from "./disk.ts";
import type { Doors } from "./door.ts";
import type { SimFramework } from "./framework.ts";
import { FrameworkHands } from "./framework-hands.ts";
import type { FrameworkAnswer, FrameworkKind, Known } from "./framework-kind.ts";
import { type Contest, isOfStore, type Kind, Life, type Process } from "./life.ts";
import { FIRST_RELEASE, nextRelease } from "./release.ts";
import type { World } from "./world.ts";

/** Where a process of a framework runs. */
export interface Site {
  readonly place: string;
  readonly world: World;
  readonly doors: Doors;
  readonly disk: Disk;
  /** Its store and its election, where it is one of several. */
  readonly enter?: (process: Process) => Contest;
}

/** One process of a framework of the house. */
export class FrameworkSeat<Event, Effect, Out extends Outbox<Effect>, C extends Core<Event, Out> & Known> {
  readonly place: string;
  readonly clock: Clock;
  release = FIRST_RELEASE;
  readonly #framework: SimFramework<Event, Effect, Out, C>;
  readonly #kind: FrameworkKind<Event, Effect, Out, C>;
  readonly #site: Site;
  #life: Life<Event, Effect, Out, C> | undefined;
  #hands: FrameworkHands<Event, Effect, Out, C> | undefined;
  #lives = 0;

  constructor(framework: SimFramework<Event, Effect, Out, C>, kind: FrameworkKind<Event, Effect, Out, C>, site: Site) {
    this.place = site.place;
    this.clock = new Clock(site.world);
    this.#framework = framework;
    this.#kind = kind;
    this.#site = site;
  }

  get alive(): boolean {
    return this.#life?.alive ?? false;
  }

  get paused(): boolean {
    return this.#life?.paused ?? false;
  }

  get nowMs(): number {
    return this.#life?.clock.nowMs ?? this.clock.read().nowMs;
  }

  /** The core, while the process runs and leads. */
  get core(): C | undefined {
    return this.alive ? this.#life!.daemon?.core : undefined;
  }

  /** Of its store; 0 while it has none open. */
  get epoch(): number {
    return this.#life?.epoch ?? 0;
  }

  /** Whether it may act, as it believes. */
  get mayAct(): boolean {
    return this.alive && (this.#life!.election?.mayAct() ?? true);
  }

  /** Who leads, as far as it knows, while it does not itself. */
  get leaderKnown(): Address | undefined {
    return this.alive ? this.#life!.election?.leader() : undefined;
  }

  start(): void {
    if (this.alive) return;
    const { isByTimeOfDay = false } = this.#kind;
    const host = { ...this.#site, clock: this.clock, release: this.release, life: ++this.#lives, isByTimeOfDay };
    const life = new Life(host, this.#process(), (reason) => this.#died(reason));
    this.#life = life;
    if (this.#site.enter !== undefined) this.#answerStandbys(life);
  }

  kill(): void {
    this.#life?.kill();
    this.#hands?.closeAll();
    this.#hands = undefined;
    this.#site.doors.leave(this.place);
  }

  pause(): void {
    this.#life?.pause();
  }

  resume(): void {
    this.#life?.resume();
  }

  post(event: Event): void {
    this.#life?.post(event);
  }

  ask(method: string, url: string, body: unknown): Promise<FrameworkAnswer | undefined> {
    return this.#hands?.ask(method, url, body) ?? Promise.resolve(undefined);
  }

  #process(): Kind<Event, Effect, Out, C> {
    return {
      newOutbox: () => this.#kind.newOutbox(),
      load: (store, epoch) => this.#load(store, epoch),
      hands: (life) => (this.#hands = this.#handsOf(life)),
      started: (life) => life.post(this.#kind.news({ type: "wake", wake: { for: "start" } })),
      dropped: () => this.#hands?.closeAll(),
    };
  }

  #handsOf(life: Life<Event, Effect, Out, C>): FrameworkHands<Event, Effect, Out, C> {
    const { world, doors } = this.#site;
    return new FrameworkHands(this.#kind, life, world, doors, {
      leave: () => this.#again(),
      notice: (notice) => this.#framework.onNotice(notice),
      acts: () => this.#framework.umpire?.acts(this.place, life.epoch!),
    });
  }

  // Who has been followed since may begin with what was true before: nobody holds that against it, because it cannot act.
  async #load(store: Store, epoch: number): Promise<C> {
    const records = await store.scan("");
    const random = createRandom(this.#site.world.random.below(0x7fffffff));
    const { umpire, watch } = this.#framework;
    const core = this.#kind.create({ random, startMs: this.nowMs, records });
    if (umpire?.isNewest(epoch) === false) return core;
    watch.loaded(core);
    const right = core.apply.bind(core);
    core.apply = (event, nowMs, out) => {
      right(event, nowMs, out);
      watch.applied(event, out, core, nowMs);
    };
    return core;
  }

  #answerStandbys(life: Life<Event, Effect, Out, C>): void {
    this.#site.doors.listen(this.place, (end) => {
      end.onMessage = () =>
        life.run(() => {
          if (life.leads) return end.send({ kind: "opened", headers: {} });
          end.send({ kind: "refused", status: 503, text: "Somebody else leads, or nobody" });
          end.close();
        });
    });
  }

  #died(reason: Error): void {
    if (reason instanceof Violation) return this.#framework.onCrash(reason);
    if (reason instanceof StoreNewer) {
      this.release = nextRelease(this.release);
      return this.#again();
    }
    const { election } = this.#life!;
    const isSucceeded = reason instanceof EpochRefused || (election !== undefined && !election.mayAct());
    if (isOfStore(reason) || (election !== undefined && isSucceeded)) return this.#again();
    if (!isSucceeded) this.#framework.onCrash(reason);
  }

  // The master ended the session, as when a subscription of an earlier life came late, or another process leads: a supervisor starts it again.
  #again(): void {
    this.kill();
    this.#site.world.after(this.#site.world.between(100, 3_000), () => this.start());
  }
}
