import type { TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import { Cluster } from "./cluster.ts";
import type { SimScheduler } from "./workloads/scheduler.ts";
import { Scripted } from "./workloads/scripted.ts";
import type { TaskSpec } from "./workloads/tasks.ts";

/** A block of a scenario file: commands, and what the datacenter answered. */
export interface Block {
  commands: string[];
  answer: string[];
}

/**
 * Reads a scenario file: comment lines with `#`, then blocks of commands, a line `----`, and the answer, which ends at
 * an empty line.
 */
export function parseScenario(text: string): { heading: string[]; blocks: Block[] } {
  const lines = text.split("\n");
  const heading = lines.slice(
    0,
    Math.max(
      0,
      lines.findIndex((line) => !line.startsWith("#")),
    ),
  );
  const blocks: Block[] = [];
  let block: Block | undefined;
  let answering = false;
  for (const line of lines.slice(heading.length)) {
    if (line.trim() === "") {
      if (answering) block = undefined;
      answering = false;
    } else if (line === "----") answering = true;
    else if (answering) block!.answer.push(line);
    else {
      if (block === undefined) blocks.push((block = { commands: [], answer: [] }));
      block.commands.push(line);
    }
  }
  return { heading, blocks };
}

export function printScenario(heading: string[], blocks: Block[]): string {
  const parts = blocks.map(({ commands, answer }) => [...commands, "----", ...answer].join("\n"));
  return `${[heading.join("\n"), ...parts].join("\n\n")}\n`;
}

/** Plays the commands of a scenario on a simulated cluster; returns the answer to each block. */
export async function playScenario(blocks: readonly Block[]): Promise<string[][]> {
  const stage = new Stage();
  const answers: string[][] = [];
  for (const { commands } of blocks) {
    for (const command of commands) await stage.play(command);
    answers.push(stage.takeLines());
  }
  return answers;
}

class Stage {
  #cluster: Cluster | undefined;
  #startMs = 0;
  #lines: string[] = [];
  readonly #workloads = new Map<string, { workload: Scripted; scheduler: SimScheduler }>();

  takeLines(): string[] {
    return this.#lines.splice(0);
  }

  async play(line: string): Promise<void> {
    const [verb, ...words] = line.trim().split(/\s+/);
    const settings = new Map(
      words.filter((word) => word.includes("=")).map((word) => word.split("=") as [string, string]),
    );
    const names = words.filter((word) => !word.includes("=") && word !== "for");
    switch (verb) {
      case "agents":
        return this.#agents(Number(names[0]), settings);
      case "framework":
        return this.#framework(names[0]!, settings);
      case "launch":
        return this.#launch(names[0]!, names[1]!, settings);
      case "kill-task":
        return this.#workloads.get(names[0]!)!.scheduler.killTask(names[1]!);
      case "kill":
        return this.#kill(names[0]!, names[1]);
      case "power-off":
        return this.#powerOff(names[0]!, names[1]!);
      case "partition":
        return this.#partition(names[0]!, names[1]!);
      case "fill-disk":
        return this.#fillDisk(names[0]!, names[1]!);
      case "drain":
      case "gone":
      case "deactivate":
      case "reactivate":
        return this.#operate(verb, names[0]!);
      case "wait":
        return this.#the.run(milliseconds(names[0]!));
      case "tasks":
        return this.#tasks();
      case "agents?":
        return this.#listAgents();
      default:
        throw new Error(`no such command in a scenario: ${line}`);
    }
  }

  get #the(): Cluster {
    if (this.#cluster === undefined) throw new Error("a scenario begins with `agents N`");
    return this.#cluster;
  }

  async #agents(count: number, settings: Map<string, string>): Promise<void> {
    const cpus = settings.get("cpus") ?? "4";
    const mem = settings.get("mem") ?? "4096";
    const cluster = new Cluster(7, {
      agents: count,
      resources: `cpus:${cpus};mem:${mem};disk:10240;ports:[31000-32000]`,
    });
    cluster.network.weather.maxDelayMs = 1;
    this.#cluster = cluster;
    this.#startMs = cluster.world.nowMs;
    cluster.start();
    await cluster.run(5_000);
  }

  #framework(name: string, settings: Map<string, string>): void {
    const workload = new Scripted(name, {
      roles: (settings.get("role") ?? name).split(","),
      checkpoint: settings.get("checkpoint") !== "no",
      failover_timeout: Number(settings.get("failover") ?? 3600),
    });
    const scheduler = this.#the.add(workload);
    const heard = scheduler.onUpdate;
    scheduler.onUpdate = (status) => {
      heard(status);
      this.#say(describe(status, this.#agentName(status.agent_id?.value)));
    };
    this.#workloads.set(name, { workload, scheduler });
  }

  #launch(name: string, id: string, settings: Map<string, string>): void {
    const { workload, scheduler } = this.#workloads.get(name)!;
    const task = taskOf(id, settings);
    workload.queue.push({ tasks: [task], as: settings.get("as") === "own" ? "own" : "task", on: settings.get("on") });
    scheduler.revive();
  }

  #kill(name: string, duration: string | undefined): void {
    const { master, agents, world } = this.#the;
    const process =
      name === "master" ? master : (agents.find(({ place }) => place === name) ?? this.#workloads.get(name)!.scheduler);
    process.kill();
    this.#say(`${name} killed`);
    if (duration !== undefined) world.after(milliseconds(duration), () => this.#back(name, () => process.start()));
  }

  #powerOff(name: string, duration: string): void {
    const agent = this.#the.agents.find(({ place }) => place === name)!;
    agent.powerOff();
    this.#say(`${name} lost power`);
    this.#the.world.after(milliseconds(duration), () => this.#back(name, () => agent.start()));
  }

  #back(name: string, start: () => void): void {
    start();
    this.#say(`${name} started again`);
  }

  #partition(name: string, duration: string): void {
    const place = this.#workloads.get(name)?.scheduler.place ?? name;
    const { network, world } = this.#the;
    network.partition(place, "master");
    this.#say(`${name} cut off`);
    world.after(milliseconds(duration), () => {
      network.heal(place, "master");
      this.#say(`${name} reachable again`);
    });
  }

  #fillDisk(name: string, duration: string): void {
    const { master, agents, world } = this.#the;
    const { disk } = name === "master" ? master : agents.find(({ place }) => place === name)!;
    disk.full = true;
    this.#say(`disk of ${name} full`);
    world.after(milliseconds(duration), () => {
      disk.full = false;
      this.#say(`disk of ${name} has room again`);
    });
  }

  #operate(verb: "drain" | "gone" | "deactivate" | "reactivate", name: string): void {
    const agent_id = {
      value: [...this.#the.master.core!.state.agents.values()].find(({ info }) => info.hostname === name)!.id,
    };
    switch (verb) {
      case "drain":
        return void this.#the.master.operate({ type: "DRAIN_AGENT", drain_agent: { agent_id } });
      case "gone":
        return void this.#the.master.operate({ type: "MARK_AGENT_GONE", mark_agent_gone: { agent_id } });
      case "deactivate":
        return void this.#the.master.operate({ type: "DEACTIVATE_AGENT", deactivate_agent: { agent_id } });
      case "reactivate":
        return void this.#the.master.operate({ type: "REACTIVATE_AGENT", reactivate_agent: { agent_id } });
    }
  }

  #tasks(): void {
    for (const framework of this.#the.master.core!.state.frameworks.values())
      for (const { task } of [
        ...framework.tasks.values(),
        ...framework.unreachableTasks.values(),
        ...framework.completedTasks,
      ])
        this.#lines.push(`${task.task_id.value} ${task.state} ${this.#agentName(task.agent_id.value)}`);
  }

  #listAgents(): void {
    const { agents, unreachableAgents, goneAgents } = this.#the.master.core!.state;
    for (const agent of agents.values())
      this.#lines.push(
        `${agent.info.hostname} ${agent.connection}${agent.drain === undefined ? "" : ` ${agent.drain.info.state}`}${agent.deactivated ? " deactivated" : ""}`,
      );
    for (const agent of unreachableAgents.values()) this.#lines.push(`${agent.info.hostname} unreachable`);
    for (const id of goneAgents.keys()) this.#lines.push(`${this.#agentName(id)} gone`);
  }

  readonly #names = new Map<string, string>();

  #agentName(id: string | undefined): string {
    if (id === undefined) return "";
    const state = this.#cluster?.master.core?.state;
    const hostname = (state?.agents.get(id) ?? state?.unreachableAgents.get(id))?.info.hostname;
    if (hostname !== undefined) this.#names.set(id, hostname);
    return this.#names.get(id) ?? id;
  }

  #say(what: string): void {
    const seconds = Math.floor((this.#the.world.nowMs - this.#startMs) / 1000);
    const two = (value: number): string => String(value).padStart(2, "0");
    this.#lines.push(
      `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}  ${what}`,
    );
  }
}

function taskOf(id: string, settings: Map<string, string>): TaskSpec {
  const number = (name: string, otherwise: number): number => Number(settings.get(name) ?? otherwise);
  return {
    id,
    cpus: number("cpus", 1),
    memMiB: number("mem", 128),
    seconds: number("seconds", 3600),
    exitCode: number("exit", 0),
    ...(settings.get("ignores") === "TERM" && { ignoresTerm: true }),
    ...(settings.has("grace") && { graceSeconds: number("grace", 3) }),
    ...(settings.has("most") && { mostSeconds: number("most", 0) }),
  };
}

function describe({ task_id, state, reason, message }: TaskStatus, agent: string): string {
  const why = reason === undefined ? "" : `  ${reason}`;
  return `${task_id.value} ${state} on ${agent}${why}${message ? `  "${message}"` : ""}`;
}

function milliseconds(text: string): number {
  const match = /^(\d+)(ms|s|m|h)$/.exec(text);
  if (match === null) throw new Error(`not a duration in a scenario: ${text}`);
  return Number(match[1]) * { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }[match[2] as "ms" | "s" | "m" | "h"];
}
