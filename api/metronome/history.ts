import type { CatchUp } from "../chronos/job.ts";

// Meseta's additions to Metronome's API. Times are as everywhere in it: `2026-01-05T10:00:00.000+0000`.

/** One of GET /v1/jobs/{id}/history?limit=N: a run, active or ended, the newest first. */
export interface RunRecord {
  readonly id: string;
  readonly jobId: string;
  readonly status: "INITIAL" | "STARTING" | "ACTIVE" | "SUCCESS" | "FAILED";
  /** What began it. */
  readonly cause: "schedule" | "dependencies" | "request";
  /** The instant for which it is. */
  readonly dueAt: string;
  readonly createdAt: string;
  readonly completedAt: string | null;
  /** Why it failed, in a sentence. */
  readonly message?: string;
  /** Its attempts, the oldest first. */
  readonly tasks: readonly TaskRecord[];
}

export interface TaskRecord {
  readonly id: string;
  readonly status: string;
  readonly agentId: string;
  readonly hostname: string;
  readonly launchedAt: string;
  readonly startedAt?: string;
  readonly completedAt?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly containerId?: string;
}

/** GET /v1/jobs/{id}/explain: why a job runs or does not, in sentences, the most important first. */
export interface JobExplanation {
  readonly id: string;
  /** `scheduled`, `follows`, `waiting`, `running`, `paused`, `finished`, `by hand`. */
  readonly state: string;
  readonly sentences: readonly string[];
}

/** What a dry run of a job or schedule answers: nothing was changed. */
export interface DryRun<Job> {
  readonly job: Job;
  readonly schedules: readonly {
    readonly id: string;
    /** `every Monday at 09:00 Europe/Berlin`. */
    readonly words: string;
    readonly zone: string;
    readonly catchUp: CatchUp;
    /** The next ten, as clocks of the zone show them: `2026-01-05T10:00:00.000+01:00`. */
    readonly firings: readonly string[];
  }[];
}
