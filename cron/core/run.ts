import type { TaskState, TaskStatusReason } from "@meseta/api/mesos/generated/mesos.ts";
import { CRON_BOUNDS } from "./bounds.ts";

/** One go of a job that has not ended: wanted from the firing on, and stored before anything is launched for it. Never changed in place. */
export interface JobRun {
  /** `20260105100000` and five letters or digits, unique in its job. Source: Metronome. */
  readonly id: string;
  readonly job: string;
  readonly cause: Cause;
  /** The instant for which it is, unique in its job: the firing's, or of its making; a millisecond more when that is taken. */
  readonly dueMs: number;
  readonly createdMs: number;
  /** Behind the command, for this run; empty for none. */
  readonly arguments: string;
  readonly phase: Phase;
  /** How often an attempt has failed. */
  readonly failures: number;
  /** How many tasks were made for it; the last of `tasks` is the present one, unless the run waits. Only the newest {@link MOST_TASKS} are kept. */
  readonly launches: number;
  readonly tasks: readonly RunTask[];
  /** While it waits after a failure: not before this. */
  readonly notBeforeMs?: number;
  /** While another run of a job is under way that does not run twice at once. */
  readonly isHeld?: true;
  /** While it is stopping: who wants its end. */
  readonly stop?: Stop;
}

export interface Stop {
  readonly why: string;
  /** Whether it counts as an error of its job: what Chronos kills does not. */
  readonly isCounted: boolean;
}

/** waiting: for an offer, or for the rest after a failure. launched: no word of its task yet. active: its task is known to run, or was. stopping: somebody wants its end. */
export type Phase = "waiting" | "launched" | "active" | "stopping";

export type Cause =
  | { readonly type: "schedule"; readonly schedule: string }
  | { readonly type: "parents" }
  | { readonly type: "hand" };

/** One attempt. Times are ms since 1970. */
export interface RunTask {
  /** `ct:<due ms>:<number>:<job>:<arguments>`. Source: Chronos. */
  readonly id: string;
  readonly agentId: string;
  readonly hostname: string;
  readonly launchedMs: number;
  readonly startedMs?: number;
  readonly endedMs?: number;
  readonly state: TaskState;
  readonly reason?: TaskStatusReason;
  readonly message?: string;
  /** By which the agent knows its sandbox. */
  readonly containerId?: string;
  readonly unreachableSinceMs?: number;
  /** What a job that counts its elements has told. */
  readonly elementsProcessed?: number;
}

export const MOST_TASKS = CRON_BOUNDS.tasksOfARun.most;

/** A run that has ended. */
export interface PastRun {
  readonly id: string;
  readonly job: string;
  readonly cause: Cause;
  readonly dueMs: number;
  readonly createdMs: number;
  readonly endedMs: number;
  readonly isSuccess: boolean;
  /** Why it has failed, in a sentence. */
  readonly why?: string;
  readonly tasks: readonly RunTask[];
}

/** What happens to a run. */
export type RunEvent =
  | { readonly type: "launched"; readonly task: RunTask }
  /** The task's status, from the master. */
  | {
      readonly type: "status";
      readonly taskId: string;
      readonly state: TaskState;
      readonly reason?: TaskStatusReason | undefined;
      readonly message?: string | undefined;
      readonly agentId?: string | undefined;
      readonly containerId?: string | undefined;
      /** When the task says it was so; else now. */
      readonly atMs?: number | undefined;
    }
  /** Somebody wants its end: it fails, without further attempts. */
  | ({ readonly type: "stop" } & Stop)
  /** Told by the job itself, as asynchronous ones of Chronos 2 do. */
  | { readonly type: "completed"; readonly isSuccess: boolean }
  /** A time that it waited for has come. */
  | { readonly type: "clock" };
