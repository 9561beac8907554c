import { ruleProblem } from "@meseta/api/json-body/outcome.ts";
import type { Call } from "../call.ts";
import type { MetronomeRead } from "../definition/metronome.ts";
import { metronomeJob } from "../definition/metronome-job.ts";
import { CONFLICT, invalid, NOT_FOUND } from "../definition/refusal.ts";
import {
  MOST_SCHEDULES,
  metronomeSchedule,
  readSchedule,
  withoutSchedule,
  withSchedule,
} from "../definition/schedule.ts";
import { type JobSchedule, schedulesOf } from "../job.ts";
import { putJob } from "../jobs/put.ts";
import type { Answer } from "../out.ts";
import type { Entry } from "../state.ts";
import { type Asking, refused } from "./asking.ts";
import { dryRunOf, neverFires } from "./firings.ts";

type Of<Kind extends Call["kind"]> = Extract<Call, { kind: Kind }>;

/** POST /v1/jobs/{id}/schedules: 201 with the schedule, beside those that there are. 404, 409: the id is taken; 422. */
export function createSchedule(asking: Asking, { job: id, body, dryRun }: Of<"create-schedule">): Answer {
  const { state, nowMs } = asking;
  const entry = state.entries.get(id);
  if (entry === undefined) return refused(NOT_FOUND.job(id));
  const read = readSchedule(body, { nowMs });
  if ("refusal" in read) return refused(read);
  if (scheduleIn(entry, read.value.id) !== undefined) return refused(CONFLICT.scheduleExists());
  if (schedulesOf(entry.job).length >= MOST_SCHEDULES) return refused(invalid([ruleProblem("", MANY)]));
  return put(asking, entry, read, { status: 201, dryRun });
}

/** PUT /v1/jobs/{id}/schedules/{schedule}: 200 with the schedule. 404, 422. */
export function updateSchedule(asking: Asking, { job: id, schedule, body, dryRun }: Of<"update-schedule">): Answer {
  const { state, nowMs } = asking;
  const entry = state.entries.get(id);
  if (entry === undefined) return refused(NOT_FOUND.job(id));
  const old = scheduleIn(entry, schedule);
  if (old === undefined) return refused(NOT_FOUND.schedule(schedule));
  return put(asking, entry, readSchedule(body, { nowMs, id: schedule, old }), { status: 200, dryRun });
}

/** DELETE of one: 200 without a body. 404. */
export function deleteSchedule({ state, nowMs, out }: Asking, { job: id, schedule }: Of<"delete-schedule">): Answer {
  const entry = state.entries.get(id);
  if (entry === undefined) return refused(NOT_FOUND.job(id));
  if (scheduleIn(entry, schedule) === undefined) return refused(NOT_FOUND.schedule(schedule));
  putJob(state, withoutSchedule(entry.job, schedule), undefined, nowMs, out);
  return { status: 200 };
}

interface Putting {
  readonly status: 200 | 201;
  readonly dryRun: true | undefined;
}

function put(asking: Asking, entry: Entry, read: MetronomeRead<JobSchedule>, { status, dryRun }: Putting): Answer {
  const { state, nowMs, out } = asking;
  if ("refusal" in read) return refused(read);
  if (entry.job.trigger.type === "parents") return refused(invalid([ruleProblem("", DEPENDS)]));
  const job = withSchedule(entry.job, read.value);
  const never = neverFires(job, entry.job, nowMs);
  if (never !== undefined) return refused(invalid([ruleProblem("/cron", never)]));
  if (dryRun) return { status: 200, body: dryRunOf(job, metronomeJob(job), entry, nowMs) };
  putJob(state, job, undefined, nowMs, out);
  return { status, body: metronomeSchedule(read.value, job, nowMs) };
}

const MANY = `a job has at most ${MOST_SCHEDULES} schedules`;
const DEPENDS = "a job has schedules or dependencies, not both; this one depends on others";

function scheduleIn({ job }: Entry, id: string): JobSchedule | undefined {
  return schedulesOf(job).find((schedule) => schedule.id === id);
}
