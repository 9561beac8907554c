import type { Cron } from "@meseta/cron/core/cron.ts";
import { schedulesOf } from "@meseta/cron/core/job.ts";
import { nextFiring } from "@meseta/cron/core/next.ts";
import type { CronOut } from "@meseta/cron/core/out.ts";
import type { JobRun } from "@meseta/cron/core/run.ts";
import { scheduleOf } from "@meseta/cron/core/when.ts";
import type { SimAgent } from "../world/agent.ts";
import type { SimMaster } from "../world/master.ts";
import { Losses } from "./losses.ts";
import { Violation } from "./violation.ts";

/** How long a firing may be due, by cron's own clock, before it has become a run or was dropped. */
const LATE_MS = 5_000;

/**
 * Of a cron, from what is on its disk and on the machines: each instant of a job becomes one run at most, whatever dies; what starts was durable before; of a
 * run one attempt lives at a time, unless agents are lost. And at rest all has ended, told as it was.
 */
export class JobChecker {
  readonly #losses: Losses;
  readonly #agents: readonly SimAgent[];
  /** Tasks that are, or were, on cron's disk, with their run. */
  readonly #durable = new Map<string, string>();
  /** The run of each instant, by job. */
  readonly #instants = new Map<string, Map<number, string>>();
  /** The tasks of runs as cron has decided them, stored or not yet, by the run's record. */
  readonly #decided = new Map<string, Set<string>>();
  /** The latest time that cron's clock has shown it. */
  #lastMs: number | undefined;

  constructor(master: SimMaster, agents: readonly SimAgent[]) {
    this.#losses = new Losses(master);
    this.#agents = agents;
  }

  looked(): void {
    this.#losses.look();
  }

  /** A life begins: nothing that was due while there was none may be passed over, but by who wants no catching up. */
  loaded({ state }: Cron): void {
    const lastMs = this.#lastMs;
    if (lastMs === undefined) return;
    for (const { job, untilMs } of state.entries.values())
      for (const { id, catchUp, when } of schedulesOf(job)) {
        const missedMs = catchUp === "NONE" ? undefined : nextFiring(scheduleOf(when), lastMs);
        if (missedMs !== undefined && missedMs <= (untilMs.get(id) ?? 0))
          throw new Violation(`${job.id} was due at ${new Date(missedMs).toISOString()}, and cron passes over it`);
      }
  }

  applied(out: CronOut, nowMs: number): void {
    this.#lastMs = Math.max(this.#lastMs ?? nowMs, nowMs);
    for (const [key, text] of out.puts)
      if (key.startsWith("run/")) {
        const decided = this.#decided.get(key) ?? new Set();
        this.#decided.set(key, decided);
        for (const { id } of (JSON.parse(text) as JobRun).tasks) decided.add(id);
      }
  }

  /** A change of cron's records is on its disk. What was launched and given up before either was stored is as good as stored: nobody will look for it. */
  committed(puts: ReadonlyMap<string, string>, deletes: ReadonlySet<string>): void {
    for (const key of deletes) {
      if (key.startsWith("job/")) this.#instants.delete(key.slice("job/".length));
      for (const taskId of this.#decided.get(key) ?? []) this.#durable.set(taskId, key.slice("run/".length));
      this.#decided.delete(key);
    }
    for (const [key, text] of puts) if (key.startsWith("run/")) this.#run(JSON.parse(text) as JobRun);
  }

  /** Whether the task is one of cron's. */
  knows(taskId: string): boolean {
    return this.#durable.has(taskId);
  }

  /** A task of cron's begins on a machine. */
  started(taskId: string, agent: SimAgent): void {
    this.#losses.look();
    const run = this.#durable.get(taskId);
    if (run === undefined) throw new Violation(`${taskId} was launched before it was stored`);
    this.#losses.note(taskId, agent.core?.state.agentId ?? "");
    for (const { machine, place } of this.#agents)
      for (const [task, { ended }] of machine.truths) {
        const other = task.slice(task.indexOf("/") + 1);
        if (ended !== undefined || other === taskId || this.#durable.get(other) !== run) continue;
        if (!this.#losses.isLost(other))
          throw new Violation(`${taskId} starts on ${agent.place} while ${other}, of the same run, lives on ${place}`);
      }
  }

  #run({ id, job, dueMs, cause, tasks }: JobRun): void {
    for (const task of tasks) {
      this.#durable.set(task.id, `${job}/${id}`);
      this.#losses.note(task.id, task.agentId);
    }
    if (cause.type !== "schedule") return;
    const instants = this.#instants.get(job) ?? new Map<number, string>();
    this.#instants.set(job, instants);
    const first = instants.get(dueMs);
    if (first !== undefined && first !== id)
      throw new Violation(`${job} was due at ${new Date(dueMs).toISOString()} once, and runs as ${first} and as ${id}`);
    instants.set(dueMs, id);
  }
}

/** All faults have healed a good while ago, and all jobs are paused since: nothing runs or waits, nothing is due, and what has run is told as the machines know it. */
export function checkJobs(core: Cron | undefined, nowMs: number, agents: readonly SimAgent[]): void {
  if (core === undefined) throw new Violation("rest: cron is not alive");
  const { master, entries, tasks, kills, firings } = core.state;
  if (!master.isConnected) throw new Violation("rest: cron is not connected");
  for (const { job, runs } of entries.values())
    for (const run of runs?.values() ?? [])
      throw new Violation(`rest: ${job.id} still runs ${run.id}, ${run.phase}: ${JSON.stringify(run.tasks.at(-1))}`);
  if (tasks.size > 0) throw new Violation(`rest: cron still has the tasks ${[...tasks.keys()]}`);
  if (kills.size > 0) throw new Violation(`rest: cron still kills ${[...kills.keys()]}`);
  const dueMs = firings.nextMs();
  if (dueMs !== undefined && nowMs - dueMs > LATE_MS) throw new Violation(`rest: a firing is ${nowMs - dueMs} ms late`);
  for (const { machine, place } of agents)
    for (const { script } of machine.running)
      if (script.task?.startsWith(`${master.frameworkId}/`)) throw new Violation(`rest: ${place} runs ${script.task}`);
  checkPast(core, agents);
}

function checkPast({ state }: Cron, agents: readonly SimAgent[]): void {
  for (const { past = [] } of state.entries.values())
    for (const { job, id, isSuccess, tasks } of past) {
      const last = tasks.at(-1);
      if (last === undefined) continue;
      if (isSuccess && last.state !== "TASK_FINISHED")
        throw new Violation(`run ${id} of ${job} is told as a success, and its last task as ${last.state}`);
      const truths = agents.flatMap(
        ({ machine }) => machine.truths.get(`${state.master.frameworkId}/${last.id}`) ?? [],
      );
      for (const { ended } of truths)
        if (isSuccess && last.state === "TASK_FINISHED" && ended?.waitStatus !== 0)
          throw new Violation(`run ${id} of ${job} is told as a success, and ended with ${ended?.waitStatus}`);
    }
}

/** Nothing is wanted any more: cron stores nothing of jobs. */
export function checkNoJobs(core: Cron, keys: Iterable<string>): void {
  if (core.state.entries.size > 0)
    throw new Violation(`rest: cron still has the jobs ${[...core.state.entries.keys()]}`);
  for (const key of keys)
    if (/^(job|progress|run|past)\//.test(key)) throw new Violation(`rest: cron still stores ${key}`);
}
