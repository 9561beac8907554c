import type { CatchUp } from "../chronos/job.ts";

/** A schedule of a job. Source: Metronome's API, 0.6. */
export interface MetronomeSchedule {
  readonly id: string;
  /** Five fields and perhaps a year; as an extension also `R[n]/start/period`. */
  readonly cron: string;
  readonly timezone: string;
  readonly startingDeadlineSeconds: number;
  readonly concurrencyPolicy: "ALLOW" | "FORBID";
  readonly enabled: boolean;
  /** `2026-01-05T10:00:00.000+0000`; only in answers, and absent when it never runs again. */
  readonly nextRunAt?: string;
  /** What becomes of firings that were missed; absent: `NONE`, as in Metronome. A Meseta extension. */
  readonly catchUp?: CatchUp;
}
