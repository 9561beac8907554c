import type { TaskState } from "@meseta/api/mesos/generated/mesos.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { Cluster, type Sent } from "@meseta/sdk/core/cluster.rig.ts";
import type { Call } from "../call.ts";
import { CONFIG } from "../config.rig.ts";
import type { CronConfig } from "../config.ts";
import { type Cron, createCron } from "../cron.ts";
import type { CronEvent, Wake } from "../event.ts";
import { schedulesOf } from "../job.ts";
import { type Answer, type CronEffect, CronOut, type Notification } from "../out.ts";
import type { JobRun, PastRun } from "../run.ts";
import type { Entry } from "../state.ts";

/** The state is lost after this event. */
export interface Death {
  readonly event: number;
  readonly when: "before it is stored" | "before its effects" | "after its effects";
}

/** A cron with its records, a cluster, and time that passes when the test says so. */
export class Stage {
  readonly cluster = new Cluster();
  readonly records = new Map<string, string>();
  /** All runs that were ever stored, by job and id. */
  readonly made = new Map<string, JobRun>();
  readonly notes: Notification[] = [];
  readonly logs: string[] = [];
  readonly aborts: string[] = [];
  /** How many events have been applied; `dieAt` loses the state after one of them. */
  applied = 0;
  dieAt: Death | undefined;
  /** How long tasks run; undefined: until the test says so. */
  taskMs: number | undefined = 0;
  /** How a task ends by itself. */
  endOf: (taskId: string) => TaskState = () => "TASK_FINISHED";
  nowMs = 1_767_607_200_000;
  cron: Cron;
  readonly config: CronConfig;
  #answer: Answer | undefined;
  #wakes: { readonly atMs: number; readonly wake: Wake }[] = [];
  readonly #ends = new Map<string, number>();
  #lives = 0;
  readonly #seen = new Set<string>();
  readonly #outOfSight = new Set<string>();

  constructor(config: Partial<CronConfig> = {}) {
    this.config = { ...CONFIG, ...config };
    this.cron = this.#load();
  }

  get state() {
    return this.cron.state;
  }

  /** Begins a life and subscribes. */
  start(): this {
    this.cluster.roles = [this.config.role];
    this.apply({ type: "wake", wake: { for: "start" } });
    this.#subscribe();
    return this;
  }

  /** The process dies; the next one begins with what was stored, so much later. */
  crash(awayMs = 0): void {
    this.cluster.disconnect();
    this.#wakes = [];
    this.#passUntil(this.nowMs + awayMs);
    this.cron = this.#load();
    this.start();
  }

  /** The connection to the master breaks, and is there again. */
  reconnect(): void {
    this.cluster.disconnect();
    this.apply({ type: "disconnected" });
    this.#subscribe();
  }

  apply(event: CronEvent): void {
    const out = new CronOut();
    this.cron.apply(event, this.nowMs, out);
    this.#finish(out);
  }

  /** What a client asks for; who gets no answer, because the process died, asks again. */
  ask(call: Call): Answer {
    this.#answer = undefined;
    while (this.#answer === undefined) this.apply({ type: "call", request: 1, call });
    return this.#answer;
  }

  /** A job by Chronos' API; a scheduled one unless it has parents. */
  chronos(body: {
    readonly name: string;
    readonly parents?: readonly string[];
    readonly [field: string]: unknown;
  }): void {
    const answer = this.ask({
      kind: "chronos-put",
      isDependent: body.parents !== undefined,
      body: { command: "true", ...body },
    });
    if (answer.status !== 204) throw new Error(JSON.stringify(answer));
  }

  /** A job by Metronome's API. */
  metronome(id: string, body: { readonly [field: string]: unknown }): void {
    const run = { cmd: "true", cpus: 0.1, mem: 32, disk: 0, ...(body["run"] as object | undefined) };
    const answer = this.ask({ kind: "create-job", isWhole: true, body: { id, ...body, run } });
    // Who asks again after a crash is told that it is there already.
    if (answer.status !== 201 && answer.status !== 409) throw new Error(JSON.stringify(answer));
  }

  /** Everything that can happen now happens, and what waits for time up to `ms` from now. */
  run(ms = 0): this {
    const untilMs = this.nowMs + ms;
    for (let turn = 0; turn < 200_000; turn++) {
      if (this.#next()) continue;
      const soonest = Math.min(...this.#wakes.map(({ atMs }) => atMs), this.#nextEndMs());
      if (!(soonest <= untilMs)) {
        this.nowMs = untilMs;
        return this;
      }
      this.nowMs = Math.max(this.nowMs, soonest);
    }
    throw new Error("never quiet");
  }

  /** So many things happen, or as many as can without time passing. */
  step(count: number): this {
    for (let i = 0; i < count && this.#next(); i++);
    return this;
  }

  entry(job: string): Entry {
    return this.state.entries.get(job)!;
  }

  runs(job: string): JobRun[] {
    return [...(this.entry(job).runs?.values() ?? [])];
  }

  past(job: string): readonly PastRun[] {
    return this.entry(job).past ?? [];
  }

  /** The tasks of the job that live, in the order of their launches. */
  tasks(job: string): string[] {
    return this.cluster.live.filter(({ id }) => id.split(":")[3] === job).map(({ id }) => id);
  }

  /** A task of the job comes to this state, and all that follows at once happens. */
  comes(job: string, state: TaskState, message?: string): this {
    this.cluster.update(this.tasks(job)[0]!, state, message === undefined ? {} : { message });
    return this.run();
  }

  /** What was ever wrong, and what is not as it ought to be when nothing is under way any more. */
  problems(): string[] {
    const { tasks, kills, waiting, past, entries } = this.state;
    const problems = [...this.cluster.refusals, ...this.#seen, ...this.#doubles(), ...this.#forgotten()];
    for (const { job, runs } of entries.values())
      for (const { id } of runs?.values() ?? []) problems.push(`${job.id} has run ${id}`);
    for (const { id } of this.cluster.live) problems.push(`${id} lives`);
    for (const [what, { size }] of Object.entries({ tasks, kills, waiting }))
      if (size > 0) problems.push(`${size} ${what}`);
    const kept = entries.values().reduce((count, entry) => count + (entry.past?.length ?? 0), 0);
    if (kept !== past.size) problems.push(`${kept} past runs, and ${past.size} in all`);
    return problems;
  }

  /** Runs of one job for the same instant. */
  #doubles(): string[] {
    const seen = new Map<string, string>();
    return [...this.made.values()].flatMap(({ job, id, dueMs }) => {
      const other = seen.get(`${job} ${dueMs}`);
      seen.set(`${job} ${dueMs}`, id);
      return other === undefined ? [] : [`${job} has ${other} and ${id} for ${dueMs}`];
    });
  }

  /** What would be another when it is loaded from the records. */
  #forgotten(): string[] {
    const { entries } = this.#load().state;
    const ids = new Set([...this.state.entries.keys(), ...entries.keys()]);
    return [...ids].flatMap((id) => {
      const [now, then] = [this.state.entries.get(id), entries.get(id)].map((entry) => entry && partsOf(entry));
      if (now === undefined || then === undefined) return [`${id} is ${now ? "not stored" : "stored"}`];
      return Object.keys(now).flatMap((part) => {
        const [is, stored] = [now, then].map((parts) => JSON.stringify(parts[part], inOrder));
        return is === stored ? [] : [`${part} of ${id} is ${is}, stored is ${stored}`];
      });
    });
  }

  /** Each run has one task at a time, but for those that were out of sight: they may have been given up before they come back. */
  #look(): void {
    const seen = new Set<string>();
    for (const { id, agent } of this.cluster.live) {
      if (!this.cluster.agents.get(agent)!.isReachable) this.#outOfSight.add(id);
      if (this.#outOfSight.has(id)) continue;
      const [, dueMs, , job] = id.split(":");
      if (seen.has(`${job} ${dueMs}`)) this.#seen.add(`two tasks of ${job} for ${dueMs}`);
      seen.add(`${job} ${dueMs}`);
    }
  }

  #subscribe(): void {
    this.cluster.subscribe();
    this.cluster.suppressed.add(this.config.role);
  }

  /** The next thing happens: what the master says, a wake that is due, a step of a task, an offer. */
  #next(): boolean {
    const event = this.cluster.events.shift();
    if (event !== undefined) this.apply({ type: "heard", event });
    return event !== undefined || this.#wake() || this.#stepTask() || this.cluster.offer(this.nowMs);
  }

  #wake(): boolean {
    const index = this.#wakes.findIndex(({ atMs }) => atMs <= this.nowMs);
    if (index < 0) return false;
    for (const { wake } of this.#wakes.splice(index, 1)) this.apply({ type: "wake", wake });
    return true;
  }

  #stepTask(): boolean {
    const { cluster, taskMs } = this;
    for (const { id, state, isKilled, agent } of cluster.live) {
      if (!cluster.agents.get(agent)!.isReachable) continue;
      const endsMs = this.#ends.get(id) ?? Number.POSITIVE_INFINITY;
      if (!isKilled && state !== "TASK_STAGING" && endsMs > this.nowMs) continue;
      if (isKilled) cluster.update(id, "TASK_KILLED");
      else if (state !== "TASK_STAGING") cluster.update(id, this.endOf(id));
      else {
        cluster.update(id, "TASK_RUNNING");
        if (taskMs !== undefined) this.#ends.set(id, this.nowMs + taskMs);
        return true;
      }
      this.#ends.delete(id);
      return true;
    }
    return false;
  }

  #nextEndMs(): number {
    const { agents, live } = this.cluster;
    const reachable = live.filter(({ agent }) => agents.get(agent)!.isReachable);
    return Math.min(...reachable.map(({ id }) => this.#ends.get(id) ?? Number.POSITIVE_INFINITY));
  }

  // Tasks go on while nobody is there to hear of it.
  #passUntil(untilMs: number): void {
    while (this.#stepTask() || this.#nextEndMs() <= untilMs)
      this.nowMs = Math.max(this.nowMs, Math.min(untilMs, this.#nextEndMs()));
    this.nowMs = untilMs;
  }

  #finish(out: CronOut): void {
    this.applied++;
    const dies = this.dieAt?.event === this.applied ? this.dieAt.when : undefined;
    if (dies !== "before it is stored") this.#store(out);
    if (dies === undefined || dies === "after its effects") for (const effect of out.effects) this.#carryOut(effect);
    this.#look();
    if (dies !== undefined) this.crash();
  }

  #store(out: CronOut): void {
    const records = out.puts.size + out.deletes.size;
    if (records > MOST_RECORDS) this.#seen.add(`one event stores ${records} records`);
    for (const [key, text] of out.puts) {
      this.records.set(key, text);
      if (key.startsWith("run/")) this.made.set(key, JSON.parse(text));
    }
    for (const key of out.deletes) this.records.delete(key);
  }

  #carryOut(effect: CronEffect): void {
    switch (effect.type) {
      case "send":
        return this.cluster.receive(effect.call as Sent, this.nowMs);
      case "wake":
        return void this.#wakes.push(effect);
      case "notify":
        return void this.notes.push(effect.notification);
      case "log":
        return void this.logs.push(effect.message);
      case "abort":
        return void this.aborts.push(effect.reason);
      case "answer":
        this.#answer = effect.answer;
        return;
      case "subscribe":
        return;
    }
  }

  #load(): Cron {
    const records = [...this.records].sort(([a], [b]) => (a < b ? -1 : 1));
    return createCron(this.config, { random: createRandom(++this.#lives), startMs: this.nowMs, records });
  }
}

/** As many as a store on etcd takes at once. */
const MOST_RECORDS = 500;

/** In an order of its own: that of what came at the same time is not stored. */
function partsOf({ job, stats, round, untilMs, runs, past }: Entry): Record<string, unknown> {
  const byId = <Run extends { readonly id: string }>(all: Iterable<Run>) =>
    [...all].sort((one, other) => (one.id < other.id ? -1 : 1));
  // Who drops what was missed begins again with each life.
  const positions = schedulesOf(job).flatMap(({ id, catchUp }) => (catchUp === "NONE" ? [] : [[id, untilMs.get(id)]]));
  return { job, stats, round, positions, runs: byId(runs?.values() ?? []), past: byId(past ?? []) };
}

/** In which order members were written does not matter. */
function inOrder(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
