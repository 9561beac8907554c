import { ruleProblem } from "@meseta/api/json-body/outcome.ts";
import type { Call } from "../call.ts";
import { type MetronomeRead, readMetronomeJob, readScheduledJob } from "../definition/metronome.ts";
import { metronomeJob } from "../definition/metronome-job.ts";
import { CONFLICT, invalid, NOT_FOUND } from "../definition/refusal.ts";
import { metronomeSchedule } from "../definition/schedule.ts";
import { type Job, parentsOf, schedulesOf } from "../job.ts";
import { putJob } from "../jobs/put.ts";
import { removeJob } from "../jobs/remove.ts";
import type { Answer } from "../out.ts";
import { type Asking, refused } from "./asking.ts";
import { dryRunOf, neverFires } from "./firings.ts";

type Of<Kind extends Call["kind"]> = Extract<Call, { kind: Kind }>;

/** POST /v1/jobs and /v0/scheduled-jobs: 201 with the job. 409: the id is taken; 422: the body. */
export function createJob(asking: Asking, { body, isWhole, dryRun }: Of<"create-job">): Answer {
  const { state, nowMs } = asking;
  const read = isWhole ? readScheduledJob(body, { nowMs }) : readMetronomeJob(body, { nowMs });
  if ("refusal" in read) return refused(read);
  if (state.entries.has(read.value.id)) return refused(CONFLICT.jobExists());
  return put(asking, read, { isWhole, status: 201, dryRun });
}

/** PUT of the same: 200 with the job, whose history and, unless the body brings them, schedules are as they were. 404, 422. */
export function updateJob(asking: Asking, { id, body, isWhole, dryRun }: Of<"update-job">): Answer {
  const { state, nowMs } = asking;
  const entry = state.entries.get(id);
  if (entry === undefined) return refused(NOT_FOUND.job(id));
  const reading = { nowMs, id, old: entry.job };
  const read = isWhole ? readScheduledJob(body, reading) : readMetronomeJob(body, reading);
  return put(asking, read, { isWhole, status: 200, dryRun });
}

/** DELETE /v1/jobs/{id}: 200 with the job that was. 409: others depend on it, or it runs and nobody said to stop that. */
export function deleteJob(asking: Asking, { id, stopCurrentJobRuns }: Of<"delete-job">): Answer {
  const { state, nowMs, out } = asking;
  const entry = state.entries.get(id);
  if (entry === undefined) return refused(NOT_FOUND.job(id));
  const dependents = state.graph.children(id);
  if (dependents.length > 0) return refused(CONFLICT.dependents(dependents.slice(0, MOST_NAMED)));
  if (!stopCurrentJobRuns && (entry.runs?.size ?? 0) > 0) return refused(CONFLICT.activeRuns());
  removeJob(state, id, nowMs, out);
  return { status: 200, body: metronomeJob(entry.job) };
}

/** POST /v1/jobs/{id}/actions/pause and resume: 200 with the job. A Meseta extension. */
export function pauseJob({ state, nowMs, out }: Asking, { id, isPaused }: Of<"pause-job">): Answer {
  const entry = state.entries.get(id);
  if (entry === undefined) return refused(NOT_FOUND.job(id));
  if (entry.job.isDisabled !== isPaused) putJob(state, { ...entry.job, isDisabled: isPaused }, undefined, nowMs, out);
  return { status: 200, body: metronomeJob(entry.job) };
}

const MOST_NAMED = 20;

interface Putting {
  readonly isWhole: boolean;
  readonly status: 200 | 201;
  readonly dryRun: true | undefined;
}

function put({ state, nowMs, out }: Asking, read: MetronomeRead<Job>, { isWhole, status, dryRun }: Putting): Answer {
  if ("refusal" in read) return refused(read);
  const job = read.value;
  const old = state.entries.get(job.id);
  if (old === undefined && state.entries.size >= state.config.mostJobs)
    return refused(CONFLICT.tooManyJobs(state.config.mostJobs));
  const unfit = state.graph.problemOf(job.id, parentsOf(job));
  if (unfit !== undefined) return refused(invalid([ruleProblem("/dependencies", unfit)]));
  const never = neverFires(job, old?.job, nowMs);
  if (never !== undefined) return refused(invalid([ruleProblem("/schedules", never)]));
  const shown = isWhole ? { ...metronomeJob(job), schedules: schedulesShown(job, nowMs) } : metronomeJob(job);
  if (dryRun) return { status: 200, body: dryRunOf(job, shown, old, nowMs) };
  putJob(state, job, undefined, nowMs, out);
  return { status, body: shown };
}

function schedulesShown(job: Job, nowMs: number): object[] {
  return schedulesOf(job).map((schedule) => metronomeSchedule(schedule, job, nowMs));
}
