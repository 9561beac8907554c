import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { type Agent, createAgent } from "@meseta/kernel/core/agent/agent.ts";
import type { AgentEvent } from "@meseta/kernel/core/agent/event.ts";
import { type AgentEffect, AgentOut } from "@meseta/kernel/core/agent/out.ts";
import type { AgentConfig } from "@meseta/kernel/core/agent/state.ts";
import { StoreNewer } from "@meseta/lib/core/ports/store.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { AgentHands } from "./agent-hands.ts";
import { Clock } from "./clock.ts";
import { Machine } from "./containers.ts";
import { Disk } from "./disk.ts";
import type { Doors } from "./door.ts";
import { ExecutorProcess } from "./executor.ts";
import { isOfStore, type Kind, Life } from "./life.ts";
import { FIRST_RELEASE, nextRelease } from "./release.ts";
import type { World } from "./world.ts";

export type AgentLife = Life<AgentEvent, AgentEffect, AgentOut, Agent>;

/** An agent of the simulated cluster: the production core and daemon on a simulated machine that outlives it. */
export class SimAgent {
  readonly place: string;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly machine: Machine;
  release = FIRST_RELEASE;
  onCrash: (reason: Error) => void = () => {};
  /** Told of each update that goes out to the master, after it was stored. */
  onTell: (frameworkId: string, taskId: string, uuid: string) => void = () => {};
  /** How often the agent left the cluster for good, to come back as a new one. */
  departures = 0;
  readonly #world: World;
  readonly #doors: Doors;
  #config: AgentConfig;
  #life: AgentLife | undefined;
  #hands: AgentHands | undefined;
  #boot = 1;

  constructor(place: string, world: World, doors: Doors, config: AgentConfig) {
    this.place = place;
    this.#world = world;
    this.#doors = doors;
    this.#config = config;
    this.disk = new Disk(world);
    this.clock = new Clock(world);
    this.machine = new Machine(world);
    this.machine.onExecutor = (process) => new ExecutorProcess(process, this.machine, world, () => this.#hands);
  }

  get alive(): boolean {
    return this.#life?.alive ?? false;
  }

  get paused(): boolean {
    return this.#life?.paused ?? false;
  }

  get core(): Agent | undefined {
    return this.alive ? this.#life!.daemon?.core : undefined;
  }

  start(): void {
    if (this.alive) return;
    const host = { place: this.place, world: this.#world, clock: this.clock, disk: this.disk, release: this.release };
    this.#life = new Life(host, this.#kind(), (reason) => this.#died(reason));
  }

  /** kill -9 of the agent's process; its tasks run on. */
  kill(): void {
    this.#life?.kill();
    this.#hands?.closeAll();
    this.#hands = undefined;
    this.machine.detach();
    this.#doors.leave(this.place);
  }

  pause(): void {
    this.#life?.pause();
  }

  resume(): void {
    this.#life?.resume();
  }

  /** The machine loses power: tasks and agent die, and the next boot has another id. */
  powerOff(): void {
    this.kill();
    this.machine.reboot();
    this.#boot++;
  }

  /** An operator gives it other resources: in its configuration, which the next life reads, and to the process that runs. */
  reconfigure(resources: readonly Resource[]): void {
    this.#config = { ...this.#config, resources };
    this.#life?.post({ type: "reconfigure", resources: [...resources], attributes: undefined });
  }

  /** Somebody empties its folder: it comes as a new one. Returns what brings the former folder back, as from a backup. */
  beginAnew(): () => void {
    this.departures++;
    this.kill();
    const former = new Map(this.disk.records.records);
    this.disk.replace(new Map());
    this.start();
    return () => {
      this.kill();
      this.disk.replace(former);
      this.start();
    };
  }

  #kind(): Kind<AgentEvent, AgentEffect, AgentOut, Agent> {
    return {
      newOutbox: () => new AgentOut(),
      load: async (store) =>
        createAgent(this.#config, {
          random: createRandom(this.#world.random.below(0x7fffffff)),
          records: await store.scan(""),
          bootId: `${this.place}-boot-${this.#boot}`,
          nowMs: this.#life?.clock.nowMs ?? this.clock.read().nowMs,
        }),
      hands: (life) => (this.#hands = new AgentHands(life, this, this.#world, this.#doors, (why) => this.#left(why))),
      started: (life) => {
        const { volumes } = this.machine;
        volumes.emptyOldTrash(new Set(life.daemon!.core.state.erasing.keys()));
        void this.#hands!.containers.recover().then((known) => life.post({ type: "start", containers: known }));
      },
      dropped: () => this.#hands?.closeAll(),
    };
  }

  #died(reason: Error): void {
    if (reason instanceof StoreNewer) this.release = nextRelease(this.release);
    else if (!isOfStore(reason)) return this.onCrash(reason);
    this.kill();
    this.#again();
  }

  // A supervisor starts it again, and it comes as a new agent.
  #left(_why: string): void {
    this.departures++;
    this.kill();
    this.#again();
  }

  #again(): void {
    this.#world.after(this.#world.between(1_000, 10_000), () => this.start());
  }
}
