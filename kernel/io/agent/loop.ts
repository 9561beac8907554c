import type { Log } from "@meseta/lib/core/ports/log.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { textAnswer } from "@meseta/lib/io/http/answer.ts";
import { Loop, type LoopPart, type LoopPorts as StoreLoopPorts } from "@meseta/lib/io/loop.ts";
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

export interface LoopPorts
  extends StoreLoopPorts,
    Omit<World, "requests" | "streams" | "launches" | "fetches" | "post" | "wake"> {
  readonly log: Log;
  readonly fetcher: Fetcher;
  /** The machine's boot id. */
  readonly bootId: string;
  /** A new seed at each call, from the machine's randomness. */
  seed(): number;
}

/** The agent cannot start as it is configured; the message says what to do. */
export class ConfigurationRefused extends Error {
  override name = "ConfigurationRefused";
}

const ASKED: ReadonlySet<AgentEvent["type"]> = new Set(["executor-subscribe", "executor-call", "operator-call"]);

/** The agent's core in its daemon, with its hands. */
export class AgentLoop {
  readonly requests = new Requests();
  readonly streams: ExecutorStreams = new ExecutorStreams((stream) => this.post({ type: "stream-closed", stream }));
  /** Calls that were not taken because of their size. */
  tooLarge = 0;
  readonly #config: AgentConfig;
  readonly #ports: LoopPorts;
  readonly #loop: Loop<AgentEvent, AgentEffect, AgentOut, Agent>;

  constructor(config: AgentConfig, ports: LoopPorts) {
    this.#config = config;
    this.#ports = ports;
    this.#loop = new Loop(this.#part(), ports);
  }

  /** Takes the store over, builds the core from it, and tells it what the launcher knows. Rejects with a sentence when it cannot start as it is configured. */
  async start(): Promise<void> {
    await this.#loop.start();
  }

  /** As of the last event, durable or not; what clients are told comes through `read`. */
  get state(): AgentState {
    return this.#loop.core.state;
  }

  post(event: AgentEvent): void {
    this.#loop.post(event);
  }

  /** How many events were refused because too many waited. */
  get overflowed(): number {
    return this.#loop.overflowed;
  }

  get queued(): number {
    return this.#loop.queued;
  }

  /** Why nothing is launched now: the store does not store. */
  get refusing(): Error | undefined {
    return this.#loop.refusing;
  }

  /** Raised while the store refuses to store: reads work, nothing new starts. */
  get storeFailure(): Error | undefined {
    return this.#loop.storeFailure;
  }

  /** Rejects when what it would show could not be stored. */
  read<T>(view: (state: AgentState) => T): Promise<T> {
    return new Promise((resolve, reject) => this.#loop.read(({ state }) => view(state), resolve, reject));
  }

  nowMs(): number {
    return this.#loop.nowMs();
  }

  stop(): void {
    this.#loop.stop();
    this.streams.closeAll();
  }

  #part(): LoopPart<AgentEvent, AgentEffect, AgentOut, Agent> {
    const world = this.#world();
    return {
      create: (records) => this.#create(records),
      newOutbox: () => new AgentOut(),
      carryOut: (effect) => carryOut(effect, world),
      refuse: (event, reason) => this.#refuse(event, reason),
      isAsked: (event) => ASKED.has(event.type),
      begin: () => this.#begin(),
      // Executors come again, and the master hears all anew.
      dropped: () => this.streams.closeAll(),
    };
  }

  #create(records: [string, string][]): Agent {
    const { clock, seed, bootId } = this.#ports;
    return createAgent(this.#config, { random: createRandom(seed()), records, bootId, nowMs: clock.nowMs() });
  }

  async #begin(): Promise<void> {
    const problem = startProblem(this.state);
    if (problem !== undefined) throw new ConfigurationRefused(problem);
    this.post({ type: "start", containers: await this.#ports.containers.recover() });
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
      wake: (atMs, wake) => this.#loop.wake(atMs, { type: "wake", wake }),
    };
  }

  // What the launcher and the master told meanwhile is told again after the reload: exits until they are forgotten, the rest at the next subscription.
  #refuse(event: AgentEvent, reason: Error): void {
    const answer = { status: 503, text: `Nothing was changed: ${reason.message}` };
    if ("request" in event) this.requests.answer(event.request, answer);
    else if (event.type === "executor-subscribe")
      this.streams.refuse(event.stream, textAnswer(503, answer.text, { "Retry-After": "1" }));
    else if (event.type === "link-event") this.#ports.link.disconnect(event.link);
  }
}
