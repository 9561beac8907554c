// Jepsen's check of jobs, both verdicts, of those instants at which nothing was out of order. Pure.
import { checkRuns, type RecordedRun, type Target, type TimedJob } from "@meseta/sim/checkers/cron.ts";
import type { Entry, TaskLine } from "../history.ts";

/** Forgiven in each window, as Jepsen forgives five. */
const FORGIVENESS_S = 1;
/** How long before an instant nothing may have begun, ended or been broken, for its run to be demanded in time; and how long after it. */
const SETTLED_MS = 10_000;
const DONE_BY_MS = 3_000;
/** How long cron may take to try a run again that failed or was lost with a fault; until then the next one of its job waits. */
const BEHIND_MS = 75_000;

export interface JobFindings {
  readonly problems: string[];
  readonly jobs: number;
  readonly windows: number;
  readonly demanded: number;
  readonly met: number;
  readonly runs: number;
  readonly incomplete: number;
  /** How late runs began that had to be in time, in ms: half, and the latest. */
  readonly lateness: { readonly half: number; readonly most: number };
  /** How late a bare timer of the same machine was at most. */
  readonly timerMs: number;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

export function checkJobs(history: readonly Entry[], lines: readonly TaskLine[]): JobFindings {
  const zero = history[0]?.at ?? 0;
  const seconds = (at: number): number => (at - zero) / 1000;
  const jobs = history.flatMap((entry) => (entry.type === "job" ? [shifted(entry.job, zero)] : []));
  const readAt = history.find(({ type }) => type === "read-runs")?.at ?? history.at(-1)?.at ?? 0;
  const runs = runsOf(lines, seconds);
  const timerMs = Math.max(0, ...history.map((entry) => (entry.type === "timer" ? entry.lateMs : 0)));
  const forgiveness = FORGIVENESS_S + Math.ceil(timerMs / 1000);
  const verdict = checkRuns(jobs, runs, { readAt: Math.floor(seconds(readAt)), forgiveness });
  const outOfOrder = disturbances(history, readAt);
  const ends = endsOf(lines);
  const isDemanded = (job: TimedJob, { from }: Target): boolean =>
    isSettled(outOfOrder, zero + from * 1000) && !isBehind(job, ends, zero, from);
  const problems: string[] = [];
  const lateness: number[] = [];
  let [windows, demanded] = [0, 0];
  problems.push(...doubles(lines));
  for (const [index, { name, targets }] of verdict.jobs.entries()) {
    windows += targets.length;
    for (const target of targets.filter((one) => isDemanded(jobs[index]!, one))) {
      demanded++;
      if (target.run !== undefined) lateness.push((target.run.start - target.from) * 1000);
      else problems.push(`jobs: ${name} has no run from ${target.from} to ${target.to} s: ${tell(runs, name)}`);
    }
  }
  lateness.sort((a, b) => a - b);
  const all = verdict.jobs.flatMap(({ targets }) => targets);
  return {
    problems,
    jobs: jobs.length,
    windows,
    demanded,
    met: all.filter(({ run }) => run !== undefined).length,
    runs: runs.length,
    incomplete: verdict.jobs.reduce((sum, { incomplete }) => sum + incomplete.length, 0),
    lateness: { half: Math.round(lateness[lateness.length >> 1] ?? 0), most: Math.round(lateness.at(-1) ?? 0) },
    timerMs,
  };
}

/** The start of a recorded job is in seconds since 1970. */
function shifted(job: TimedJob, zero: number): TimedJob {
  return { ...job, start: job.start - zero / 1000 };
}

/** A task of cron's is called `ct:INSTANT:ATTEMPT:JOB:…`. */
function runsOf(lines: readonly TaskLine[], seconds: (at: number) => number): RecordedRun[] {
  const ends = new Map(lines.flatMap(({ what, taskId, at }) => (what === "end" ? [[taskId, seconds(at)]] : [])));
  return lines.flatMap(({ what, taskId, at }) => {
    if (what !== "start" || !taskId.startsWith("ct:")) return [];
    return [{ name: taskId.split(":")[3]!, start: seconds(at), end: ends.get(taskId) }];
  });
}

/** From the begin of each fault to its end. */
function disturbances(history: readonly Entry[], endAt: number): Span[] {
  const open = new Map<number, number>();
  const spans: Span[] = [];
  for (const entry of history) {
    // A part that ends by itself has lost its lead, or its disk.
    if (entry.type === "part") spans.push({ from: entry.at, to: entry.at });
    if (entry.type !== "fault") continue;
    const { number } = entry.fault;
    if (entry.phase === "begins") open.set(number, entry.at);
    else {
      spans.push({ from: open.get(number) ?? entry.at, to: entry.at });
      open.delete(number);
    }
  }
  return [...spans, ...[...open.values()].map((from) => ({ from, to: endAt }))];
}

function isSettled(outOfOrder: readonly Span[], at: number): boolean {
  return !outOfOrder.some(({ from, to }) => from <= at + DONE_BY_MS && to >= at - SETTLED_MS);
}

/**
 * An instant that had a run from its beginning to its end, and another one. Here each run says for which instant it is, so that one that is late, and begins in the window of the
 * next, is none too many.
 */
function doubles(lines: readonly TaskLine[]): string[] {
  const ended = new Set(lines.flatMap(({ what, taskId }) => (what === "end" ? [taskId] : [])));
  const starts = lines.filter(({ what, taskId }) => what === "start" && taskId.startsWith("ct:"));
  const instants = Map.groupBy(starts, ({ taskId }) => keyOf(taskId.split(":")[3]!, Number(taskId.split(":")[1])));
  return [...instants].flatMap(([instant, own]) => {
    const others = own.slice(1).filter((_, before) => ended.has(own[before]!.taskId));
    return others.map(({ taskId, at }) => `jobs: ${instant} had its run, and ${taskId} begins at ${at}`);
  });
}

/** When the run for each instant ended, by job and instant. */
function endsOf(lines: readonly TaskLine[]): ReadonlyMap<string, number> {
  const ends = lines.filter(({ what, taskId }) => what === "end" && taskId.startsWith("ct:"));
  return new Map(ends.map(({ taskId, at }) => [keyOf(taskId.split(":")[3]!, Number(taskId.split(":")[1])), at]));
}

/** Whether, when an instant came, an earlier one of the job was still to be made up for. */
function isBehind(job: TimedJob, ends: ReadonlyMap<string, number>, zero: number, from: number): boolean {
  const at = zero + from * 1000;
  const first = zero + job.start * 1000;
  for (let due = first; due < at - 1_000; due += job.interval * 1000)
    if (due >= at - BEHIND_MS && (ends.get(keyOf(job.name, due)) ?? FOREVER) >= at) return true;
  return false;
}

const keyOf = (name: string, due: number): string => `${name} ${Math.round(due)}`;
const FOREVER = Number.POSITIVE_INFINITY;

function tell(runs: readonly RecordedRun[], name: string): string {
  const own = runs.filter((run) => run.name === name);
  return own.map(({ start, end }) => `${start.toFixed(1)}${end === undefined ? " without an end" : ""}`).join(", ");
}
