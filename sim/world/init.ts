import type { InitConfig } from "@meseta/init/core/config.ts";
import { DEFAULT_SETTINGS } from "@meseta/init/core/definition/settings.ts";
import type { InitEvent } from "@meseta/init/core/event.ts";
import { createInit, type Init } from "@meseta/init/core/init.ts";
import { KILL_SETTINGS } from "@meseta/init/core/instance/kills.ts";
import { TIMEOUTS } from "@meseta/init/core/instance/life.ts";
import { type InitEffect, InitOut } from "@meseta/init/core/out.ts";
import { EpochRefused } from "@meseta/lib/core/ports/store.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { Clock } from "./clock.ts";
import { Disk } from "./disk.ts";
import type { Doors } from "./door.ts";
import { type InitAnswer, InitHands } from "./init-hands.ts";
import { type Kind, Life } from "./life.ts";
import type { World } from "./world.ts";

export type InitLife = Life<InitEvent, InitEffect, InitOut, Init>;

/** As an init is set up by itself, with one exception: so many versions are gone back to that some are forgotten. */
export const INIT_CONFIG: InitConfig = {
  definitions: DEFAULT_SETTINGS,
  placement: { gpus: "restricted" },
  kills: KILL_SETTINGS,
  timeouts: TIMEOUTS,
  frameworkName: "init",
  user: "root",
  hostname: "init",
  failoverTimeoutMs: 604_800_000,
  environmentPrefix: "",
  bridgeName: "mesos-bridge",
  mostInstancesPerOffer: Number.POSITIVE_INFINITY,
  declineMs: 120_000,
  mostDeployments: 100,
  mostVersions: 10,
  reconciliationDelayMs: 15_000,
  reconciliationIntervalMs: 600_000,
  address: "init:8080",
  version: "1.11.0",
};

/** Who looks at what one event came to, before it is stored. */
export interface InitWatch {
  /** A core begins with what is stored. */
  loaded(core: Init): void;
  applied(event: InitEvent, out: InitOut, core: Init): void;
}

/** An init of the simulated cluster: the production core, daemon and connection to the master; its process can be killed, stopped and cut off. */
export class SimInit {
  readonly place = "init";
  readonly disk: Disk;
  readonly clock: Clock;
  /** Called for each death that was not our doing: a bug. */
  onCrash: (reason: Error) => void = () => {};
  watch: InitWatch = { loaded() {}, applied() {} };
  /** Puts a wrong core in the place of the right one, to prove that it is noticed. */
  spoil: (core: Init) => Init = (core) => core;
  /** The process dies when so many more commits are on the disk, before anybody knows of the last of them. */
  dieAfterCommits = Number.POSITIVE_INFINITY;
  onDeath: () => void = () => {};
  readonly #world: World;
  readonly #doors: Doors;
  readonly #config: InitConfig;
  #life: InitLife | undefined;
  #hands: InitHands | undefined;

  constructor(world: World, doors: Doors, config: InitConfig = INIT_CONFIG) {
    this.#world = world;
    this.#doors = doors;
    this.#config = config;
    this.disk = new Disk(world);
    this.clock = new Clock(world);
  }

  get alive(): boolean {
    return this.#life?.alive ?? false;
  }

  get paused(): boolean {
    return this.#life?.paused ?? false;
  }

  /** The core, while the process runs. */
  get core(): Init | undefined {
    return this.alive ? this.#life!.daemon?.core : undefined;
  }

  start(): void {
    if (this.alive) return;
    const host = { world: this.#world, clock: this.clock, disk: this.disk };
    this.#life = new Life(host, this.#kind(), (reason) => this.#died(reason));
  }

  /** kill -9; its tasks run on. */
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

  /** A client's request, without a network between; undefined when the process died, or was not there, before it answered. */
  ask(method: string, url: string, body?: unknown): Promise<InitAnswer | undefined> {
    return this.#hands?.ask(method, url, body) ?? Promise.resolve(undefined);
  }

  /** A commit is on the disk. */
  committed(): void {
    if (--this.dieAfterCommits > 0 || !this.alive) return;
    this.dieAfterCommits = Number.POSITIVE_INFINITY;
    this.kill();
    this.onDeath();
  }

  #kind(): Kind<InitEvent, InitEffect, InitOut, Init> {
    return {
      newOutbox: () => new InitOut(),
      load: async (store) => this.#load(await store.scan("")),
      hands: (life) =>
        (this.#hands = new InitHands(life, this.#config, this.place, this.#world, this.#doors, () => this.#again())),
      started: (life) => life.post({ type: "wake", wake: { for: "start" } }),
      dropped: () => this.#hands?.closeAll(),
    };
  }

  #load(records: [string, string][]): Init {
    const random = createRandom(this.#world.random.below(0x7fffffff));
    const startMs = this.#life?.clock.nowMs ?? this.clock.read().nowMs;
    const core = this.spoil(createInit(this.#config, { random, startMs, records }));
    this.watch.loaded(core);
    const right = core.apply.bind(core);
    core.apply = (event, nowMs, out) => {
      right(event, nowMs, out);
      this.watch.applied(event, out, core);
    };
    return core;
  }

  #died(reason: Error): void {
    if (!(reason instanceof EpochRefused)) this.onCrash(reason);
  }

  // The master ended the session, as when a subscription of an earlier life came late: a supervisor starts it again.
  #again(): void {
    this.kill();
    this.#world.after(this.#world.between(100, 3_000), () => this.start());
  }
}
