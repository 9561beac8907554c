import type { MetronomeHistory, MetronomeHistorySummary, MetronomeJobInfo } from "@meseta/api/metronome/run.ts";
import { Pieces } from "@meseta/lib/core/pieces.ts";
import type { Embed } from "../definition/embed.ts";
import { metronomeJob } from "../definition/metronome-job.ts";
import { NOT_FOUND } from "../definition/refusal.ts";
import { metronomeTime } from "../definition/schedule.ts";
import type { Job, JobStats } from "../job.ts";
import type { Reading } from "../query.ts";
import type { JobRun, PastRun } from "../run.ts";
import type { Entry } from "../state.ts";
import type { Seen } from "./look.ts";
import { refused, shown } from "./reading.ts";
import { finishedShown, runShown } from "./run.ts";
import { schedulesShown } from "./schedules.ts";

type Embeds = ReadonlySet<Embed>;

/** GET /v1/jobs. A job without active runs lacks the key, since clients show a job that has it as running. */
export function readJobs({ entries }: Seen, embed: Embeds, nowMs: number): Reading {
  const all: SeenJob[] = [];
  for (const entry of entries.values()) all.push(seen(entry, embed));
  return new Pieces()
    .add("[")
    .laterList(() => Iterator.from(all).map((one) => JSON.stringify(infoOf(one, embed, nowMs))))
    .add("]")
    .reading();
}

/** GET /v1/jobs/{id}. */
export function readJob({ entries }: Seen, id: string, embed: Embeds, nowMs: number): Reading {
  const entry = entries.get(id);
  if (entry === undefined) return refused(NOT_FOUND.job(id));
  const one = seen(entry, embed);
  return shown(infoOf({ ...one, runs: one.runs ?? [] }, embed, nowMs));
}

/** How many there were of each outcome, and when the last. */
export function historySummary(stats: JobStats): MetronomeHistorySummary {
  return {
    successCount: stats.successCount,
    failureCount: stats.errorCount,
    lastSuccessAt: timeOf(stats.lastSuccessMs),
    lastFailureAt: timeOf(stats.lastErrorMs),
  };
}

/** A job as it was when it was looked at, as far as it is asked for. */
interface SeenJob {
  readonly job: Job;
  readonly stats: JobStats;
  readonly runs: readonly JobRun[] | undefined;
  readonly past: readonly PastRun[];
}

function seen({ job, stats, runs, past }: Entry, embed: Embeds): SeenJob {
  const hasRuns = embed.has("activeRuns") && runs !== undefined && runs.size > 0;
  return {
    job,
    stats,
    runs: hasRuns ? [...runs.values()] : undefined,
    past: past && embed.has("history") ? [...past] : [],
  };
}

function infoOf({ job, stats, runs, past }: SeenJob, embed: Embeds, nowMs: number): MetronomeJobInfo {
  return {
    ...metronomeJob(job),
    ...(embed.has("activeRuns") && runs && { activeRuns: runs.map(runShown) }),
    ...(embed.has("schedules") && { schedules: schedulesShown(job, nowMs) }),
    ...(embed.has("history") && { history: historyOf(stats, past) }),
    ...(embed.has("historySummary") && { historySummary: historySummary(stats) }),
  };
}

function historyOf(stats: JobStats, past: readonly PastRun[]): MetronomeHistory {
  const newestFirst = past.toReversed();
  return {
    ...historySummary(stats),
    successfulFinishedRuns: newestFirst.filter(({ isSuccess }) => isSuccess).map(finishedShown),
    failedFinishedRuns: newestFirst.filter(({ isSuccess }) => !isSuccess).map(finishedShown),
  };
}

function timeOf(atMs: number | undefined): string | null {
  return atMs === undefined ? null : metronomeTime(atMs);
}
