import type { MetronomeJob } from "./job.ts";
import type { MetronomeSchedule } from "./schedule.ts";

// Dates are `2026-01-05T10:00:00.000+0000`.

/** One go of a job that has not ended. */
export interface MetronomeRun {
  readonly id: string;
  readonly jobId: string;
  readonly status: "INITIAL" | "STARTING" | "ACTIVE" | "SUCCESS" | "FAILED";
  readonly createdAt: string;
  readonly completedAt: string | null;
  readonly tasks: readonly MetronomeTask[];
}

export interface MetronomeTask {
  readonly id: string;
  readonly startedAt: string;
  readonly completedAt?: string;
  readonly status: string;
}

export interface MetronomeHistorySummary {
  readonly successCount: number;
  readonly failureCount: number;
  readonly lastSuccessAt: string | null;
  readonly lastFailureAt: string | null;
}

export interface MetronomeHistory extends MetronomeHistorySummary {
  readonly successfulFinishedRuns: readonly MetronomeFinishedRun[];
  readonly failedFinishedRuns: readonly MetronomeFinishedRun[];
}

export interface MetronomeFinishedRun {
  readonly id: string;
  readonly createdAt: string;
  readonly finishedAt: string;
  readonly tasks: readonly string[];
}

/** A job with what `embed` asked for. */
export interface MetronomeJobInfo extends MetronomeJob {
  /** In lists absent rather than empty: clients show a job that has the key as running. */
  readonly activeRuns?: readonly MetronomeRun[];
  readonly schedules?: readonly MetronomeSchedule[];
  readonly history?: MetronomeHistory;
  readonly historySummary?: MetronomeHistorySummary;
}

/** GET /v1/queue. */
export type MetronomeQueue = readonly {
  readonly jobId: string;
  readonly runs: readonly { readonly runId: string }[];
}[];
