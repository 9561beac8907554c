import type { Call } from "@meseta/api/mesos/generated/agent.ts";
import type { Event as LinkEvent, Message } from "@meseta/api/mesos/generated/link.ts";
import type {
  ContainerInfo,
  FrameworkInfo,
  Resource,
  TaskInfo,
  TaskStatus,
} from "@meseta/api/mesos/generated/mesos.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { Timers } from "@meseta/lib/core/timers.ts";
import { type Agent, createAgent } from "./agent.ts";
import type { AgentEvent, Wake } from "./event.ts";
import type { NetworkAddress } from "./isolation.ts";
import { type AgentEffect, AgentOut, type Answer } from "./out.ts";
import type { ContainerExit, ContainerSpec, KnownContainer } from "./ports.ts";
import { AGENT_DEFAULTS, type AgentConfig, type ContainerAbilities, PLAIN_PROCESSES } from "./state.ts";

/**
 * An agent in the hands of a test: a store, a clock, a master that the test plays, and a launcher that starts what it is told
 * (with rising pids) and ends it when the test says. For tests only.
 */
export class Rig {
  readonly store = new Map<string, string>();
  readonly timers = new Timers<Wake>();
  readonly config: AgentConfig;
  agent: Agent;
  nowMs = 1_000_000;
  /** All effects since the last `take`. */
  effects: AgentEffect[] = [];
  /** What the launcher knows, by id; it outlives the agent. */
  readonly launcher = new Map<string, KnownContainer & { spec: ContainerSpec }>();
  /** Ids that fail to start, with the message. */
  readonly failing = new Map<string, string>();
  /** false: launches stay unanswered until `startLaunched`. */
  autoStart = true;
  bootId = "boot-1";
  #pid = 100;
  #lives = 0;
  #requests = 0;

  constructor(config: Partial<AgentConfig> = {}) {
    this.config = { ...AGENT_DEFAULTS, ...TEST_CONFIG, ...config };
    this.agent = this.#create();
  }

  /** Starts the agent and registers it with the master of the test. */
  register(event: Partial<NonNullable<LinkEvent["subscribed"]>> = {}): this {
    this.apply({ type: "start", containers: [...this.launcher.values()] });
    return this.subscribe(event);
  }

  subscribe(event: Partial<NonNullable<LinkEvent["subscribed"]>> = {}): this {
    return this.link({
      type: "SUBSCRIBED",
      subscribed: {
        agent_id: { value: "m-S0" },
        epoch: 1,
        master_info: { id: "m", ip: 0, port: 5050, hostname: "master" },
        ping_interval_seconds: 15,
        ping_timeout_seconds: 75,
        ...event,
      },
    });
  }

  /** The process dies here: memory is gone, records and containers stay. The next agent has read the records and not started yet. */
  crash(): this {
    while (this.timers.takeDue(Number.POSITIVE_INFINITY) !== undefined);
    this.effects = [];
    this.agent = this.#create();
    return this;
  }

  link(event: LinkEvent): this {
    return this.apply({ type: "link-event", link: this.agent.state.link.id, event });
  }

  apply(event: AgentEvent): this {
    const out = new AgentOut();
    this.agent.apply(event, this.nowMs, out);
    for (const [key, value] of out.puts) this.store.set(key, value);
    for (const key of out.deletes) this.store.delete(key);
    for (const effect of out.effects) {
      this.effects.push(effect);
      if (effect.type === "wake") this.timers.add(effect.atMs, effect.wake);
    }
    for (const effect of out.effects) this.#carryOut(effect);
    return this;
  }

  /** Lets time pass, with every timer at its instant. */
  pass(ms: number): this {
    const untilMs = this.nowMs + ms;
    for (let next = this.timers.nextMs(); next !== undefined && next <= untilMs; next = this.timers.nextMs()) {
      this.nowMs = Math.max(this.nowMs, next);
      const wake = this.timers.takeDue(this.nowMs)!;
      this.apply({ type: "wake", wake });
    }
    this.nowMs = untilMs;
    return this;
  }

  run(task: TaskInfo, framework: FrameworkInfo = FRAMEWORK): this {
    return this.link({
      type: "RUN",
      run: {
        framework_info: framework,
        task,
        launch_executor: true,
        resource_version: this.agent.state.resourceVersion,
      },
    });
  }

  exit(id: string, exit: number | ContainerExit): this {
    const ended = typeof exit === "number" ? { waitStatus: exit } : exit;
    const known = this.launcher.get(id)!;
    this.launcher.set(id, { ...known, exit: ended });
    return this.apply({ type: "container", event: { type: "exited", id, ...ended } });
  }

  acknowledge(status: TaskStatus, frameworkId = FRAMEWORK.id!.value): this {
    return this.link({
      type: "ACKNOWLEDGE",
      acknowledge: { framework_id: { value: frameworkId }, task_id: status.task_id, uuid: status.uuid! },
    });
  }

  /** The statuses sent to the master since the last `take`. */
  statuses(): TaskStatus[] {
    return this.messages("UPDATE").map((message) => message.update!.status);
  }

  /** The same, each acknowledged until nothing new comes: "TASK_STARTING TASK_RUNNING …" of one task. */
  settle(): TaskStatus[] {
    const seen: TaskStatus[] = [];
    for (let fresh = this.statuses(); fresh.length > 0; fresh = this.statuses()) {
      this.take();
      seen.push(...fresh);
      for (const status of fresh) this.acknowledge(status);
    }
    return seen;
  }

  messages(type: Message["type"]): Message[] {
    return this.of("tell")
      .map((effect) => effect.message)
      .filter((message) => message.type === type);
  }

  of<T extends AgentEffect["type"]>(type: T): Extract<AgentEffect, { type: T }>[] {
    return this.effects.filter((effect) => effect.type === type) as Extract<AgentEffect, { type: T }>[];
  }

  /** Forgets the effects so far. */
  take(): this {
    this.effects = [];
    return this;
  }

  /** The id of the container in which the task runs. */
  containerOf(taskId: string): string {
    return this.agent.state.frameworks.get(FRAMEWORK.id!.value)!.tasks.get(taskId)!.run!.containerId;
  }

  startLaunched(id: string): this {
    const { pid, addresses } = this.launcher.get(id)!;
    const where = addresses === undefined ? {} : { addresses };
    return this.apply({ type: "container", event: { type: "started", id, pid, startTimeTicks: 1, ...where } });
  }

  /** The answer to an operator's call, when it is there already. */
  ask(call: Call): Answer | undefined {
    const request = ++this.#requests;
    this.apply({ type: "operator-call", request, call });
    return this.answerTo(request);
  }

  answerTo(request = this.#requests): Answer | undefined {
    return this.of("answer").find((effect) => effect.request === request)?.answer;
  }

  #create(): Agent {
    return createAgent(this.config, {
      random: createRandom(++this.#lives),
      records: this.store,
      bootId: this.bootId,
      nowMs: this.nowMs,
    });
  }

  #carryOut(effect: AgentEffect): void {
    switch (effect.type) {
      case "launch":
        return this.#launch(effect.container);
      case "destroy":
        if (this.launcher.has(effect.id) && this.launcher.get(effect.id)!.exit === undefined) this.exit(effect.id, 9);
        return;
      case "forget":
        return void this.launcher.delete(effect.id);
      default:
    }
  }

  #launch(spec: ContainerSpec): void {
    const { id } = spec;
    const message = this.failing.get(spec.command && "shell" in spec.command ? spec.command.shell : "");
    if (message !== undefined)
      return void this.apply({ type: "container", event: { type: "launch_failed", id, cause: "command", message } });
    const own = spec.isolation?.network.kind === "own" ? { addresses: ADDRESSES } : {};
    this.launcher.set(id, { id, pid: this.#pid++, startTimeTicks: 1, spec, ...own });
    if (this.autoStart) this.startLaunched(id);
  }
}

/** What every container has that has a network of its own. */
export const ADDRESSES: readonly NetworkAddress[] = [{ network: "net", address: "10.1.0.2", protocol: "IPv4" }];

/** An agent that gives containers all that is safe. */
export const ABLE: ContainerAbilities = { ...PLAIN_PROCESSES, images: true, networks: ["net", "meseta"] };

/** A container with an image. */
export function imageContainer(more: Partial<ContainerInfo> = {}): ContainerInfo {
  return { type: "MESOS", mesos: { image: { type: "DOCKER", docker: { name: "debian:12" } } }, ...more };
}

export const FRAMEWORK: FrameworkInfo = {
  user: "alice",
  name: "test",
  id: { value: "m-0000" },
  checkpoint: true,
  roles: ["test"],
  capabilities: [{ type: "MULTI_ROLE" }, { type: "PARTITION_AWARE" }, { type: "RESERVATION_REFINEMENT" }],
};

/** An executor that somebody wrote. */
export const EXECUTOR = {
  type: "CUSTOM" as const,
  executor_id: { value: "e" },
  framework_id: FRAMEWORK.id!,
  command: { value: "my-executor" },
  resources: [scalar("cpus", 0.1), scalar("mem", 64)],
};

export function scalar(name: string, value: number): Resource {
  return { name, type: "SCALAR", scalar: { value }, allocation_info: { role: "test" } };
}

export function commandTask(id: string, more: Partial<TaskInfo> = {}): TaskInfo {
  return {
    name: `name-${id}`,
    task_id: { value: id },
    agent_id: { value: "m-S0" },
    resources: [scalar("cpus", 0.1), scalar("mem", 32)],
    command: { shell: true, value: `run ${id}` },
    ...more,
  };
}

export const TEST_CONFIG = {
  hostname: "host",
  ip: "127.0.0.1",
  port: 5051,
  version: "1.12.0",
  workDir: "/var/lib/agent",
  resources: [
    { name: "cpus", type: "SCALAR" as const, scalar: { value: 8 } },
    { name: "mem", type: "SCALAR" as const, scalar: { value: 8192 } },
    { name: "disk", type: "SCALAR" as const, scalar: { value: 10240 } },
  ],
  pid: 42,
  user: "root",
  switchUser: true,
  flags: {},
};
