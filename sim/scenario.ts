import type { Call } from "@meseta/api/mesos/generated/master.ts";
import type { TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import { printResources } from "@meseta/api/mesos/resources/print.ts";
import { Cluster } from "./cluster.ts";
import type { Chapter } from "./stories/chapter.ts";
import { Jobs } from "./stories/jobs.ts";
import { clockText } from "./stories/names.ts";
import { Services } from "./stories/services.ts";
import type { SimScheduler } from "./workloads/scheduler.ts";
import { type Order, Scripted } from "./workloads/scripted.ts";
import { amount, scalar, type TaskSpec } from "./workloads/tasks.ts";

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
  readonly #chapters: Chapter[] = [];
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
      case "launch-group":
        return this.#launchGroup(names[0]!, names.slice(1));
      case "teardown":
        return this.#workloads.get(names[0]!)!.scheduler.teardown();
      case "partition":
        return this.#partition(names[0]!, names[1]!);
      case "kill-launcher":
        return this.#killLauncher(names[0]!, names[1]!);
      case "kill-leader":
      case "stop-leader":
      case "cut-leader":
        return this.#hitLeader(verb, names[0]!);
      case "etcd-down":
        return this.#etcdDown(names[0]!);
      case "leader?":
        return this.#showLeader();
      case "succeed":
        return this.#succeed(names[0]!);
      case "quota":
      case "reserve":
      case "unreserve":
        return this.#govern(verb, names[0]!, settings);
      case "agent?":
        return this.#showAgent(names[0]!);
      case "frameworks?":
        return this.#listFrameworks();
      case "running?":
        return this.#listRunning();
      case "use?":
        return this.#showUse();
      case "fill-disk":
        return this.#fillDisk(names[0]!, names[1]!);
      case "drain":
      case "gone":
      case "deactivate":
      case "reactivate":
      case "machine-down":
      case "machine-up":
        return this.#operate(verb, names[0]!, settings.get("gone") === "yes");
      case "init":
        return this.#begin(new Services(this.#the, this.#startMs, (what) => this.#say(what)));
      case "cron":
        return this.#begin(new Jobs(this.#the, this.#startMs, (what) => this.#say(what)));
      case "wait":
        return this.#the.run(milliseconds(names[0]!));
      case "tasks":
        return this.#tasks();
      case "agents?":
        return this.#listAgents();
      default:
        return this.#continue(verb!, line, names[0] ?? "", settings);
    }
  }

  get #the(): Cluster {
    if (this.#cluster === undefined) throw new Error("a scenario begins with `agents N`");
    return this.#cluster;
  }

  /** A framework of the house is started, and has a moment to load what it stored. */
  async #begin(chapter: Chapter): Promise<void> {
    this.#chapters.push(chapter);
    await this.#the.run(1);
  }

  /** The commands of the frameworks of the house. Who answers needs a moment. */
  async #continue(verb: string, line: string, name: string, settings: Map<string, string>): Promise<void> {
    const chapter = this.#chapters.find(({ verbs }) => verb in verbs);
    if (chapter === undefined) throw new Error(`no such command in a scenario: ${line}`);
    const told = chapter.verbs[verb]!(name, settings);
    if (told instanceof Promise) await this.#the.run(100);
    this.#lines.push(...(await told));
  }

  async #agents(count: number, settings: Map<string, string>): Promise<void> {
    const cpus = settings.get("cpus") ?? "4";
    const mem = settings.get("mem") ?? "4096";
    const cluster = new Cluster(7, {
      agents: count,
      resources: `cpus:${cpus};mem:${mem};disk:10240;ports:[31000-32000]`,
      ...(settings.has("masters") && { masters: Number(settings.get("masters")), isBrisk: true }),
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
    workload.queue.push({ tasks: [task], as: orderOf(settings.get("as")), on: settings.get("on") });
    scheduler.revive();
  }

  /** `launch-group FRAMEWORK ID:SECONDS:EXIT …` */
  #launchGroup(name: string, members: readonly string[]): void {
    const { workload, scheduler } = this.#workloads.get(name)!;
    const tasks = members.map((member) => {
      const [id, seconds = "3600", exit = "0"] = member.split(":") as [string, string?, string?];
      return taskOf(
        id,
        new Map([
          ["seconds", seconds],
          ["exit", exit],
          ["cpus", "0.5"],
          ["mem", "64"],
        ]),
      );
    });
    workload.queue.push({ tasks, as: "group", on: undefined });
    scheduler.revive();
  }

  #killLauncher(name: string, duration: string): void {
    const { agents, world } = this.#the;
    const { machine } = agents.find(({ place }) => place === name)!;
    machine.killLauncher();
    this.#say(`launcher of ${name} killed`);
    world.after(milliseconds(duration), () => {
      machine.startLauncher();
      this.#say(`launcher of ${name} started again`);
    });
  }

  /** Another master takes over while this one is stopped, with an operator's call on its way; later the old one goes on. */
  #succeed(duration: string): void {
    const { master, world } = this.#the;
    master.pause();
    void master.operate({ type: "UPDATE_WEIGHTS", update_weights: { weight_infos: [{ role: "late", weight: 7 }] } });
    const goOn = master.succeed();
    this.#say("master stopped and succeeded");
    world.after(milliseconds(duration), () => {
      goOn();
      this.#say("the old master goes on");
      world.after(100, () => {
        const weight = master.core!.state.weights.get("late") ?? "not there";
        this.#say(
          `writes of the old master that were refused: ${master.refusedWrites}; what it was asked for is ${weight}`,
        );
      });
    });
  }

  /** `quota ROLE guarantee=CPUS limit=CPUS`, `reserve AGENT role=R cpus=N`, `unreserve …`; tells the answer's status. */
  #govern(verb: "quota" | "reserve" | "unreserve", name: string, settings: Map<string, string>): void {
    const { master } = this.#the;
    const call = verb === "quota" ? quotaCall(name, settings) : reservationCall(verb, this.#agentId(name), settings);
    // Several may believe to lead: the story is about who does.
    void (master.leader ?? master)
      .operate(call)
      .then((answer) => this.#say(`${verb} ${name}: ${answer?.status} ${answer?.text ?? ""}`.trimEnd()));
  }

  #agentId(hostname: string): string {
    return [...this.#the.master.core!.state.agents.values()].find(({ info }) => info.hostname === hostname)!.id;
  }

  /** What an agent has, in words. */
  #showAgent(name: string): void {
    const agent = this.#the.master.core!.state.agents.get(this.#agentId(name))!;
    this.#lines.push(`${name} ${printResources(agent.total)}`);
  }

  #listFrameworks(): void {
    const { frameworks, completedFrameworks } = this.#the.master.core!.state;
    for (const { id, info, connection } of frameworks.values())
      this.#lines.push(`${info.name} ${ordinal(id)} ${connection}`);
    for (const { id, info } of completedFrameworks.values()) this.#lines.push(`${info.name} ${ordinal(id)} removed`);
  }

  /** What the machines themselves know, whoever believes what. */
  #listRunning(): void {
    for (const { place, machine } of this.#the.agents)
      for (const { starts, process, ended } of machine.truths.values()) {
        const id = process.script.task?.split("/")[1] ?? "a task";
        const task = this.#chapters.reduce((name, chapter) => chapter.nameOf(name), id);
        this.#lines.push(
          `${place}: ${task} started ${starts === 1 ? "once" : `${starts} times`}, ${ended === undefined ? "runs" : "ended"}`,
        );
      }
  }

  /** The cpus that each framework's tasks use and are offered. */
  #showUse(): void {
    const { frameworks, offers } = this.#the.master.core!.state;
    for (const { info, tasks, offers: held } of frameworks.values()) {
      const used = [...tasks.values()].reduce((sum, { task }) => sum + amount(task.resources, "cpus"), 0);
      const offered = [...held].reduce((sum, id) => sum + amount(offers.get(id)?.offer.resources, "cpus"), 0);
      this.#lines.push(`${info.name} uses ${used} cpus, is offered ${offered}`);
    }
  }

  #kill(name: string, duration: string | undefined): void {
    const { master, agents, world } = this.#the;
    const process =
      [master, ...agents, ...this.#chapters.map(({ framework }) => framework)].find(({ place }) => place === name) ??
      this.#workloads.get(name)!.scheduler;
    process.kill();
    this.#say(`${name} killed`);
    if (duration !== undefined) world.after(milliseconds(duration), () => this.#back(name, () => process.start()));
  }

  /** Of several masters, who leads now is killed, stopped, or cut off from etcd. */
  #hitLeader(verb: "kill-leader" | "stop-leader" | "cut-leader", duration: string): void {
    const { master, network, world } = this.#the;
    const leader = master.leader!;
    const heal = { "kill-leader": "started again", "stop-leader": "goes on", "cut-leader": "reaches etcd again" }[verb];
    if (verb === "kill-leader") leader.kill();
    else if (verb === "stop-leader") leader.pause();
    else network.partition(leader.place, "etcd");
    this.#say(
      `${leader.place}, which leads, ${{ "kill-leader": "killed", "stop-leader": "stopped", "cut-leader": "cut off from etcd" }[verb]}`,
    );
    world.after(milliseconds(duration), () => {
      network.heal(leader.place, "etcd");
      leader.resume();
      leader.start();
      this.#say(`${leader.place} ${heal}`);
    });
  }

  #etcdDown(duration: string): void {
    const { etcd, world } = this.#the;
    for (const member of etcd!.members) etcd!.kill(member);
    this.#say("etcd is gone");
    world.after(milliseconds(duration), () => {
      for (const member of etcd!.members) etcd!.start(member);
      this.#say("etcd is back");
    });
  }

  #showLeader(): void {
    for (const { place, core, mayAct, alive } of this.#the.master.processes)
      this.#lines.push(`${place} ${core !== undefined && mayAct ? "leads" : alive ? "stands by" : "is dead"}`);
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

  #operate(
    verb: "drain" | "gone" | "deactivate" | "reactivate" | "machine-down" | "machine-up",
    name: string,
    mark_gone: boolean,
  ): void {
    if (verb === "machine-down" || verb === "machine-up") return this.#maintain(verb, name);
    const agent_id = { value: this.#agentId(name) };
    switch (verb) {
      case "drain":
        return void this.#the.master.operate({ type: "DRAIN_AGENT", drain_agent: { agent_id, mark_gone } });
      case "gone":
        return void this.#the.master.operate({ type: "MARK_AGENT_GONE", mark_agent_gone: { agent_id } });
      case "deactivate":
        return void this.#the.master.operate({ type: "DEACTIVATE_AGENT", deactivate_agent: { agent_id } });
      case "reactivate":
        return void this.#the.master.operate({ type: "REACTIVATE_AGENT", reactivate_agent: { agent_id } });
    }
  }

  #maintain(verb: "machine-down" | "machine-up", hostname: string): void {
    const machines = [{ hostname }];
    const operate = (call: Call) => void this.#the.master.operate(call);
    if (verb === "machine-up") return operate({ type: "STOP_MAINTENANCE", stop_maintenance: { machines } });
    const windows = [{ machine_ids: machines, unavailability: { start: { nanoseconds: 0 } } }];
    operate({ type: "UPDATE_MAINTENANCE_SCHEDULE", update_maintenance_schedule: { schedule: { windows } } });
    operate({ type: "START_MAINTENANCE", start_maintenance: { machines } });
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
    const { agents, unreachableAgents, goneAgents, removedAgents } = this.#the.master.core!.state;
    for (const agent of agents.values())
      this.#lines.push(
        `${agent.info.hostname} ${agent.connection}${agent.drain === undefined ? "" : ` ${agent.drain.info.state}`}${agent.deactivated ? " deactivated" : ""}`,
      );
    for (const agent of unreachableAgents.values()) this.#lines.push(`${agent.info.hostname} unreachable`);
    for (const id of goneAgents.keys()) this.#lines.push(`${this.#agentName(id)} gone`);
    for (const id of removedAgents.keys()) this.#lines.push(`${this.#agentName(id)} removed`);
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
    this.#lines.push(`${clockText(this.#the.world.nowMs - this.#startMs)}  ${what}`);
  }
}

function orderOf(text: string | undefined): Order["as"] {
  return text === "own" || text === "silent" ? text : "task";
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

/** The number at the end of an id: what is before it differs from master to master. */
function ordinal(id: string): string {
  return id.slice(id.lastIndexOf("-") + 1);
}

function quotaCall(role: string, settings: Map<string, string>): Call {
  const cpus = (name: string) => (settings.has(name) ? { cpus: { value: Number(settings.get(name)) } } : undefined);
  const config = { role, guarantees: cpus("guarantee"), limits: cpus("limit") };
  return { type: "UPDATE_QUOTA", update_quota: { quota_configs: [config] } };
}

function reservationCall(verb: "reserve" | "unreserve", id: string, settings: Map<string, string>): Call {
  const reservations = [{ type: "DYNAMIC" as const, role: settings.get("role")! }];
  const what = {
    agent_id: { value: id },
    resources: [{ ...scalar("cpus", Number(settings.get("cpus"))), reservations }],
  };
  if (verb === "reserve") return { type: "RESERVE_RESOURCES", reserve_resources: what };
  return { type: "UNRESERVE_RESOURCES", unreserve_resources: what };
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
