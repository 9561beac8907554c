import type { Fields } from "@meseta/api/json-body/field.ts";
import { type Problem, ruleProblem } from "@meseta/api/json-body/outcome.ts";
import { isObject, type Json, readObject } from "@meseta/api/json-body/read.ts";
import type { MetronomeRunSpec } from "@meseta/api/metronome/job.ts";
import type { Job, JobSchedule, Trigger } from "../job.ts";
import { KNOWN_ID, METRONOME_FIELDS, SCHEDULED_JOB_FIELDS } from "./metronome-fields.ts";
import { jobOfMetronome } from "./metronome-job.ts";
import { jobProblems } from "./metronome-rules.ts";
import { invalid, type MetronomeRefusal, metronomeRefusal } from "./refusal.ts";
import { MOST_SCHEDULES, scheduleOfBody } from "./schedule.ts";

export interface MetronomeReading {
  readonly nowMs: number;
  /** The id that the URL names; it wins over the body's. */
  readonly id?: string;
  /** The job that is replaced. What Metronome has no words for is kept from it, its schedules too. */
  readonly old?: Job;
}

export type MetronomeRead<T> = { readonly value: T } | { readonly refusal: MetronomeRefusal };

/** What a body must have been read as before it is a job: every default filled, old words not yet replaced. */
export interface MetronomeBody {
  readonly id: string;
  readonly description?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly dependencies: readonly { readonly id: string }[];
  readonly run: Omit<MetronomeRunSpec, "volumes" | "placement"> & {
    readonly volumes: readonly GivenVolume[];
    readonly placement: { readonly constraints: readonly GivenConstraint[] };
  };
  readonly schedules?: readonly Json[];
}

export interface GivenVolume {
  readonly containerPath: string;
  readonly hostPath?: string;
  readonly mode?: "RO" | "RW";
  readonly secret?: string;
}

export interface GivenConstraint {
  readonly attribute: string;
  readonly operator: "IS" | "EQ" | "LIKE" | "UNLIKE";
  readonly value?: string;
}

/** A job from the parsed body of POST /v1/jobs and PUT /v1/jobs/{id}. Schedules in it are not read. */
export function readMetronomeJob(body: unknown, reading: MetronomeReading): MetronomeRead<Job> {
  return readJob(body, METRONOME_FIELDS, reading);
}

/** A job with its schedules from the parsed body of POST and PUT /v0/scheduled-jobs. */
export function readScheduledJob(body: unknown, reading: MetronomeReading): MetronomeRead<Job> {
  return readJob(body, SCHEDULED_JOB_FIELDS, reading);
}

function readJob(body: unknown, fields: Fields, reading: MetronomeReading): MetronomeRead<Job> {
  if (!isObject(body))
    return metronomeRefusal(400, { message: "The body must be a JSON object that describes a job." });
  const problems: Problem[] = [];
  const given = reading.id === undefined ? body : { ...body, id: reading.id };
  // A job of Chronos' keeps its name, which may be one that Metronome would not give.
  const known = reading.old === undefined ? fields : { ...fields, id: KNOWN_ID };
  const read = readObject(known, given, "", problems) as unknown as MetronomeBody;
  if (problems.some(({ isType }) => isType)) return invalid(problems);
  problems.push(...jobProblems(read));
  const trigger = triggerOf(read, reading, problems);
  return problems.length > 0 ? invalid(problems) : { value: jobOfMetronome(read, trigger, reading.old) };
}

/** Dependencies win; else the schedules of the body, and where it has none to say, those that there are. */
function triggerOf(body: MetronomeBody, { old, nowMs }: MetronomeReading, problems: Problem[]): Trigger {
  const known = old?.trigger.type === "schedules" ? old.trigger.schedules : [];
  const schedules = body.schedules === undefined ? known : schedulesOf(body.schedules, known, nowMs, problems);
  if (body.dependencies.length === 0) return { type: "schedules", schedules };
  if (schedules.length > 0)
    problems.push(ruleProblem("/dependencies", "a job has schedules or dependencies, not both"));
  const rule = old?.trigger.type === "parents" ? old.trigger.rule : "latest";
  return { type: "parents", parents: [...new Set(body.dependencies.map(({ id }) => id))], rule };
}

function schedulesOf(
  given: readonly Json[],
  known: readonly JobSchedule[],
  nowMs: number,
  problems: Problem[],
): JobSchedule[] {
  if (given.length > MOST_SCHEDULES) {
    problems.push(ruleProblem("/schedules", `a job has at most ${MOST_SCHEDULES} schedules`));
    return [];
  }
  const ids = given.map(({ id }) => id);
  if (new Set(ids).size < ids.length) problems.push(ruleProblem("/schedules", "schedules must have different ids"));
  return given.flatMap((schedule, index) => {
    const old = known.find(({ id }) => id === schedule["id"]);
    const outcome = scheduleOfBody(schedule, { nowMs, ...(old && { old }) }, `/schedules(${index})`);
    if ("problem" in outcome) problems.push(outcome.problem);
    return "problem" in outcome ? [] : [outcome.schedule];
  });
}
