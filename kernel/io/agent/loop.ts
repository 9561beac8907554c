import { Daemon } from "@meseta/lib/core/daemon.ts";
import type { Clock } from "@meseta/lib/core/ports/clock.ts";
import type { Change, Store } from "@meseta/lib/core/ports/store.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { Alarm } from "@meseta/lib/io/alarm.ts";
import { textAnswer } from "@meseta/lib/io/http/answer.ts";
import { type Agent, createAgent } from "../../core/agent/agent.ts";
import type { AgentEvent } from "../../core/agent/event.ts";
import { startProblem } from "../../core/agent/load.ts";
import { type AgentEffect, AgentOut } from "../../core/agent/out.ts";
import type { Fetcher } from "../../core/agent/outside.ts";
import type { AgentConfig, AgentState } from "../../core/agent/state.ts";
import { Requests } from "../requests.ts";
import { carryOut, type World } from "./carry-out.ts";
import { Fetches } from "./fetches.ts";
import { Launches } from "./launches.ts";
import { ExecutorStreams } from "./streams.ts";

export interface LoopPorts extends Omit<World, "requests" | "streams" | "launches" | "fetches" | "post" | "wake"> {
  readonly fetcher: Fetcher;
  readonly store: Store;
  readonly clock: Clock;
  /** The machine's boot id. */
  readonly bootId: string;
  /** A new seed at each call, from the machine's randomness. */
  seed(): number;
  /** The process must end: the store belongs to another agent, or cannot be read. */
  fatal(reason: Error): void;
}

/** The agent cannot start as it is configured; the message says what to do. */
export class ConfigurationRefused extends Error {
  override name = "ConfigurationRefused";
}

/** The agent's core in its daemon, with its hands. */
export class AgentLoop {
  readonly requests = new Requests();
  readonly streams: ExecutorStreams = new ExecutorStreams((stream) => this.post({ type: "stream-closed", stream }));
  readonly #config: AgentConfig;
  readonly #ports: LoopPorts;
  readonly #alarm: Alarm<AgentEvent>;
  #epoch = 0;
  #daemon: Daemon<AgentEvent, AgentEffect, AgentOut, Agent> | undefined;

  constructor(config: AgentConfig, ports: LoopPorts) {
    this.#config = config;
    this.#ports = ports;
    this.#alarm = new Alarm(
      () => ports.clock.nowMs(),
      (event) => this.post(event),
    );
  }

  /** Takes the store over, builds the core from it, and tells it what the launcher knows. Rejects with a sentence when it cannot start as it is configured. */
  async start(): Promise<void> {
    this.#epoch = (await this.#ports.store.open()).epoch;
    const agent = await this.#load();
    const problem = startProblem(agent.state);
    if (problem !== undefined) throw new ConfigurationRefused(problem);
    this.#daemon = new Daemon(agent, this.#daemonPorts());
    await this.#begin();
  }

  /** As of the last event, durable or not; what clients are told comes through `read`. */
  get state(): AgentState {
    return this.#daemon!.core.state;
  }

  post(event: AgentEvent): void {
    if (this.#daemon === undefined) this.#refuse(event, new Error("the agent is loading its records"));
    else this.#daemon.post(event);
  }

  /** Why nothing is launched now: the store does not store. */
  get refusing(): Error | undefined {
    return this.#daemon?.refusing;
  }

  /** Rejects when what it would show could not be stored. */
  read<T>(view: (state: AgentState) => T): Promise<T> {
    return new Promise((resolve, reject) => this.#daemon!.read(({ state }) => view(state), resolve, reject));
  }

  nowMs(): number {
    return this.#ports.clock.nowMs();
  }

  stop(): void {
    this.#daemon?.stop();
    this.#alarm.clear();
    this.streams.closeAll();
  }

  async #begin(): Promise<void> {
    this.post({ type: "start", containers: await this.#ports.containers.recover() });
  }

  async #load(): Promise<Agent> {
    const { store, clock, seed, bootId } = this.#ports;
    const records = await store.scan("");
    return createAgent(this.#config, { random: createRandom(seed()), records, bootId, nowMs: clock.nowMs() });
  }

  // Executors come again, timers mean nothing to the new core, and the master hears all anew.
  #reload(): Promise<Agent> {
    this.streams.closeAll();
    this.#alarm.clear();
    return this.#load();
  }

  #daemonPorts() {
    const { store, clock, fatal, log } = this.#ports;
    const world = this.#world();
    return {
      hands: {
        carryOut: (effect: AgentEffect) => carryOut(effect, world),
        refuse: (event: AgentEvent, reason: Error) => this.#refuse(event, reason),
      },
      newOutbox: () => new AgentOut(),
      nowMs: () => clock.nowMs(),
      commit: (change: Change) => store.commit(change, this.#epoch),
      load: () => this.#reload(),
      defer: (task: () => void) => void setImmediate(task),
      later: (task: () => void, ms: number) => void setTimeout(task, ms).unref(),
      fatal,
      maxRecords: store.maxRecords,
      onStore: (works: boolean, reason?: Error) => {
        if (!works)
          return log.error("the store failed: nothing is launched until it works", { reason: reason?.message });
        log.info("the store works again");
        void this.#begin();
      },
    };
  }

  #world(): World {
    const { containers, fetcher, sandboxes } = this.#ports;
    const post = (event: AgentEvent) => this.post(event);
    return {
      ...this.#ports,
      requests: this.requests,
      streams: this.streams,
      launches: new Launches(containers, sandboxes, post),
      fetches: new Fetches(fetcher, sandboxes, post),
      post,
      wake: (atMs, wake) => this.#alarm.add(atMs, { type: "wake", wake }),
    };
  }

  // What the launcher and the master told meanwhile is told again after the reload: exits until they are forgotten, the rest at the next subscription.
  #refuse(event: AgentEvent, reason: Error): void {
    const answer = { status: 503, text: `Nothing was changed: ${reason.message}` };
    if ("request" in event) this.requests.answer(event.request, answer);
    else if (event.type === "executor-subscribe") this.streams.refuse(event.stream, textAnswer(503, answer.text));
    else if (event.type === "link-event") this.#ports.link.disconnect(event.link);
  }
}
