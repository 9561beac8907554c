import type { ChronosPercentiles, ChronosStat, ChronosTaskStat } from "@meseta/api/chronos/answers.ts";
import { chronosRefusal, NOT_FOUND } from "../definition/refusal.ts";
import type { Reading } from "../query.ts";
import type { JobRun, PastRun, RunTask } from "../run.ts";
import type { Entry } from "../state.ts";
import type { Durations } from "../stats.ts";
import type { Seen } from "./look.ts";
import { refused, shown } from "./reading.ts";

/** GET /job/stat/{name}: how long its runs took, in seconds, and the newest tasks. */
export function readStat({ entries }: Seen, name: string): Reading {
  const entry = entries.get(name);
  if (entry === undefined) return refused(NOT_FOUND.chronosJob(name));
  const stat: ChronosStat = { histogram: histogramOf(entry.durations), taskStatHistory: historyOf(entry) };
  return shown(stat);
}

/** GET /stats/{which}: of each job that has run, the slowest first. */
export function readPercentile({ entries }: Seen, which: string): Reading {
  if (!Object.hasOwn(MEASURES, which))
    return refused(chronosRefusal(`"${which}" is none of ${Object.keys(MEASURES).join(", ")}.`));
  const measure = MEASURES[which as Measure];
  const times: ChronosPercentiles = [...entries.values()]
    .flatMap(({ job, durations }) =>
      durations === undefined ? [] : [{ jobNameLabel: job.id, time: measure(durations) }],
    )
    .sort((a, b) => b.time - a.time);
  return shown(times);
}

const MEASURES = {
  "99thPercentile": (durations: Durations) => durations.percentile(0.99),
  "98thPercentile": (durations: Durations) => durations.percentile(0.98),
  "95thPercentile": (durations: Durations) => durations.percentile(0.95),
  "75thPercentile": (durations: Durations) => durations.percentile(0.75),
  median: (durations: Durations) => durations.percentile(0.5),
  mean: (durations: Durations) => durations.mean,
} as const;

type Measure = keyof typeof MEASURES;

function histogramOf(durations: Durations | undefined): ChronosStat["histogram"] {
  const of = (which: Measure) => (durations === undefined ? 0 : MEASURES[which](durations));
  return {
    "75thPercentile": of("75thPercentile"),
    "95thPercentile": of("95thPercentile"),
    "98thPercentile": of("98thPercentile"),
    "99thPercentile": of("99thPercentile"),
    median: of("median"),
    mean: of("mean"),
    count: durations?.count ?? 0,
  };
}

/** How many tasks are told of. Source: Chronos' --job_history_limit is 5; it needs Cassandra for them. */
const MOST_TASKS = 20;

function historyOf({ runs, past = [] }: Entry): ChronosTaskStat[] {
  const newest: (JobRun | PastRun)[] = [...(runs?.values() ?? [])].reverse();
  newest.push(...past.slice(-MOST_TASKS).reverse());
  return newest.flatMap((run) => run.tasks.toReversed().map((task) => taskOf(run, task))).slice(0, MOST_TASKS);
}

function taskOf({ job }: JobRun | PastRun, task: RunTask): ChronosTaskStat {
  const { id, agentId, startedMs, endedMs, elementsProcessed = 0 } = task;
  return {
    taskId: id,
    jobName: job,
    slaveId: agentId,
    startTime: timeOf(startedMs),
    endTime: timeOf(endedMs),
    duration: startedMs === undefined || endedMs === undefined ? "N/A" : durationOf(endedMs - startedMs),
    status: statusOf(task),
    numElementsProcessed: elementsProcessed,
    numAdditionalElementsProcessed: 0,
  };
}

function statusOf({ state, startedMs, endedMs }: RunTask): string {
  if (endedMs !== undefined) return state === "TASK_FINISHED" ? "Success" : "Fail";
  return startedMs === undefined ? "Idle" : "Running";
}

/** `01/05/26 10:00:00`, in UTC. */
function timeOf(atMs: number | undefined): string {
  if (atMs === undefined) return "N/A";
  const [date, time] = new Intl.DateTimeFormat("en-US", FORMAT).format(atMs).split(", ");
  return `${date} ${time}`;
}

const FORMAT = {
  timeZone: "UTC",
  year: "2-digit",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
} as const;

/** `1d2h3m4s`, without the parts that are 0, but for the seconds. */
function durationOf(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "m"],
  ];
  const shown = parts.flatMap(([count, unit]) => (count > 0 ? [`${count}${unit}`] : []));
  return `${shown.join("")}${seconds % 60}s`;
}
