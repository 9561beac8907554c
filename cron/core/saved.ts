import type { Round } from "./follow.ts";
import type { JobStats } from "./job.ts";

/**
 * Cron's durable records, by the key they have in the store. Each stands alone, so none grows with the number of jobs:
 * `framework` {@link SavedFramework} · `job/<id>` StoredJob, as it was defined · `progress/<id>` {@link SavedProgress} · `run/<job>/<run id>` JobRun · `past/<job>/<run id>` PastRun.
 * A firing is one commit: the run and the schedule's new position stand together or not at all.
 */
export interface SavedFramework {
  readonly id: string;
}

/** How far a job has come. A new definition keeps it, as far as its schedules are the same. */
export interface SavedProgress {
  readonly stats: JobStats;
  readonly round: Round;
  /** By the schedule's id. */
  readonly positions: Readonly<Record<string, Position>>;
}

/** Where a schedule stands. */
export interface Position {
  /** Firings until then are done with: had, dropped or made up for. */
  readonly untilMs: number;
  /** Of an interval: the first occurrence that has not been used up, and how many are left. */
  readonly first?: number;
  readonly times?: number;
}
