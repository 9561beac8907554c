import type { Random } from "@meseta/lib/core/random.ts";
import { Timers } from "@meseta/lib/core/timers.ts";
import type { CronConfig } from "./config.ts";
import { Graph } from "./graph.ts";
import { type Job, type JobSchedule, parentsOf, schedulesOf } from "./job.ts";
import { newEntry } from "./jobs/put.ts";
import { jobOf } from "./jobs/stored.ts";
import { HeldOffers } from "./offers/held.ts";
import type { JobRun, PastRun } from "./run.ts";
import { isWaiting } from "./runs/change.ts";
import { runUntil } from "./runs/clocks.ts";
import { presentTask } from "./runs/life.ts";
import { keep, PastRuns } from "./runs/past.ts";
import { WaitingRuns } from "./runs/waiting.ts";
import type { Position, SavedFramework, SavedProgress } from "./saved.ts";
import type { CronState } from "./state.ts";

/** All records of the store as it gives them: key and text, in key order. Those of other owners are passed over. */
export type Records = Iterable<readonly [key: string, text: string]>;

export interface Settings {
  readonly random: Random;
  readonly startMs: number;
  readonly records: Records;
}

/** The state as it was stored. What follows from it, such as firings and deadlines, follows from the event `start`. */
export function load(config: CronConfig, { random, startMs, records }: Settings): CronState {
  const saved = read(records);
  const state = newState(config, random, startMs);
  state.master.frameworkId = saved.framework?.id;
  for (const job of saved.jobs) loadJob(state, job, saved.progress.get(job.id));
  saved.runs.sort((one, other) => one.createdMs - other.createdMs || one.dueMs - other.dueMs);
  for (const run of saved.runs) loadRun(state, run);
  saved.past.sort((one, other) => one.endedMs - other.endedMs || one.dueMs - other.dueMs);
  for (const run of saved.past) {
    const entry = state.entries.get(run.job);
    if (entry !== undefined) keep(state, entry, run);
    else state.leftovers.push(`past/${run.job}/${run.id}`);
  }
  return state;
}

interface Saved {
  framework?: SavedFramework;
  readonly jobs: Job[];
  readonly progress: Map<string, SavedProgress>;
  readonly runs: JobRun[];
  readonly past: PastRun[];
}

function read(records: Records): Saved {
  const saved: Saved = { jobs: [], progress: new Map(), runs: [], past: [] };
  const lists: Readonly<Record<string, unknown[]>> = { run: saved.runs, past: saved.past };
  for (const [key, text] of records) {
    const end = key.indexOf("/");
    const kind = key.slice(0, end);
    if (key === "framework") saved.framework = JSON.parse(text);
    else if (kind === "job") saved.jobs.push(jobOf(JSON.parse(text)));
    else if (kind === "progress") saved.progress.set(key.slice(end + 1), JSON.parse(text));
    else lists[kind]?.push(JSON.parse(text));
  }
  return saved;
}

function loadJob(state: CronState, stored: Job, progress: SavedProgress | undefined): void {
  const positions = progress?.positions ?? {};
  const job = advanced(stored, positions);
  const entry = newEntry(job);
  if (progress !== undefined) {
    entry.stats = progress.stats;
    entry.round = progress.round;
  }
  for (const one of schedulesOf(job)) entry.untilMs.set(one.id, untilOf(one, positions[one.id], state.startMs));
  state.entries.set(job.id, entry);
  state.graph.set(job.id, parentsOf(job));
}

/** The job as it stands: intervals begin with what is left of them. */
function advanced(job: Job, positions: SavedProgress["positions"]): Job {
  const before = schedulesOf(job);
  const schedules = before.map((one) => left(one, positions[one.id]));
  if (schedules.every((one, index) => one === before[index])) return job;
  return { ...job, trigger: { type: "schedules", schedules } };
}

function left(one: JobSchedule, position: Position | undefined): JobSchedule {
  if (one.when.type !== "interval" || position?.first === undefined) return one;
  const { first, times } = position;
  if (first === one.when.first && times === one.when.times) return one;
  return { ...one, when: { ...one.when, first, ...(times !== undefined && { times }) } };
}

// Who does not make up for what was missed begins again.
function untilOf({ catchUp }: JobSchedule, position: Position | undefined, startMs: number): number {
  const untilMs = position?.untilMs ?? startMs;
  return catchUp === "NONE" ? Math.max(untilMs, startMs) : untilMs;
}

function loadRun(state: CronState, stored: JobRun): void {
  const entry = state.entries.get(stored.job);
  if (entry === undefined) return void state.leftovers.push(`run/${stored.job}/${stored.id}`);
  const run = runUntil(stored, { job: entry.job, config: state.config, nowMs: state.startMs });
  (entry.runs ??= new Map()).set(run.id, run);
  const task = presentTask(run);
  if (task !== undefined) state.tasks.set(task.id, { job: run.job, run: run.id });
  if (isWaiting(run)) state.waiting.add(run, entry.job.isHighPriority);
}

function newState(config: CronConfig, random: Random, startMs: number): CronState {
  const entries: CronState["entries"] = new Map();
  return {
    config,
    random,
    startMs,
    entries,
    graph: new Graph(),
    firings: new Timers(({ job, schedule, atMs }) =>
      entries.get(job)?.firings.get(schedule) === atMs ? `${job} ${schedule}` : undefined,
    ),
    // Who is looked at is looked at again when the next time has come.
    deadlines: new Timers(({ job, run }) => (entries.get(job)?.runs?.has(run) ? `${job} ${run}` : undefined)),
    waiting: new WaitingRuns(),
    tasks: new Map(),
    kills: new Map(),
    past: new PastRuns(),
    leftovers: [],
    stops: [],
    dropped: { count: 0, toldMs: Number.NEGATIVE_INFINITY },
    offers: new HeldOffers(),
    master: { frameworkId: undefined, isConnected: false, leader: undefined, isSuppressed: true },
    clockAtMs: Number.POSITIVE_INFINITY,
    reconciliationAtMs: Number.POSITIVE_INFINITY,
    latestMs: startMs,
    isResting: false,
  };
}
