import type { ChronosJob } from "@meseta/api/chronos/job.ts";
import type { Problem } from "@meseta/api/json-body/outcome.ts";
import { isObject, readObject } from "@meseta/api/json-body/read.ts";
import { formatTimestamp, parseTimestamp } from "@meseta/lib/core/timestamp.ts";
import type { Job, JobStats, Trigger, When } from "../job.ts";
import { readWhen, whenText } from "../when.ts";
import { CHRONOS_FIELDS } from "./chronos-fields.ts";
import { jobOfChronos, NEVER } from "./chronos-job.ts";
import { chronosProblem } from "./chronos-rules.ts";
import { lenient, sentenceOf } from "./lenient.ts";
import { type ChronosRefusal, chronosRefusal } from "./refusal.ts";
import type { Settings } from "./settings.ts";

export interface ChronosReading {
  readonly settings: Settings;
  readonly nowMs: number;
  /** The job of this name, if there is one. What Chronos has no words for is kept from it. */
  readonly old?: Job;
}

export interface ChronosGiven {
  readonly job: Job;
  /** The counts that the body brought; those that it did not bring are 0. */
  readonly stats: JobStats;
}

export type ChronosRead = { readonly value: ChronosGiven } | { readonly refusal: ChronosRefusal };

/** What a body must have been read as before it is a job: every default filled, but not when it runs. */
export type ChronosBody = Omit<ChronosJob, "schedule" | "scheduleTimeZone" | "parents"> &
  Pick<ChronosJob, "schedule" | "parents"> & { readonly scheduleTimeZone: string };

/**
 * A job from the parsed body of POST /iso8601. Without schedule and parents it runs once, now. A body with parents makes a dependent job all the same.
 */
export function readScheduled(body: unknown, reading: ChronosReading): ChronosRead {
  return readJob(body, reading, false);
}

/** A job from the parsed body of POST /dependency: it has parents, or it is refused. */
export function readDependent(body: unknown, reading: ChronosReading): ChronosRead {
  return readJob(body, reading, true);
}

function readJob(body: unknown, reading: ChronosReading, isDependent: boolean): ChronosRead {
  if (!isObject(body)) return chronosRefusal("The body must be a JSON object that describes a job.");
  const problems: Problem[] = [];
  const given = lenient({ kind: "object", fields: CHRONOS_FIELDS }, body);
  const read = readObject(CHRONOS_FIELDS, given, "", problems) as unknown as ChronosBody;
  if (problems.length > 0) return chronosRefusal(sentenceOf(problems, CHRONOS_FIELDS));
  const problem = chronosProblem(read, isDependent);
  if (problem !== undefined) return chronosRefusal(problem);
  const trigger = triggerOf(read, reading);
  if ("error" in trigger) return chronosRefusal(trigger.error);
  return { value: { job: jobOfChronos(read, trigger, reading), stats: statsOf(read) } };
}

function triggerOf(body: ChronosBody, { nowMs, old }: ChronosReading): Trigger | { error: string } {
  const { parents, concurrent, catchUp = "ONE" } = body;
  if (parents !== undefined && parents.length > 0) {
    const rule = old?.trigger.type === "parents" ? old.trigger.rule : "round";
    return { type: "parents", parents: [...new Set(parents)], rule };
  }
  const known = old?.trigger.type === "schedules" ? old.trigger.schedules : undefined;
  if (known?.length === 0 && body.schedule === NEVER.schedule) return { type: "schedules", schedules: [] };
  const when = whenOf(body, nowMs, old);
  if ("error" in when) return when;
  const [first, ...others] = known ?? [];
  const overlap = concurrent ? "start" : first?.overlap === "drop" ? "drop" : "wait";
  // Several schedules are more than Chronos can say: they stay as long as it repeats the one that it sees.
  const isSame = first !== undefined && whenText(first.when) === whenText(when);
  const schedule = { id: "default", isEnabled: true, ...first, when, overlap, catchUp } as const;
  return { type: "schedules", schedules: [schedule, ...(isSame ? others : [])] };
}

/** When it runs. A schedule as it was shown stays what it is: its text does not say that it once began on a 31st. */
function whenOf({ schedule, scheduleTimeZone }: ChronosBody, nowMs: number, old?: Job): When | { error: string } {
  const text = schedule?.trim() || `R1/${formatTimestamp(nowMs)}/PT24H`;
  const known = old?.trigger.type === "schedules" ? old.trigger.schedules[0]?.when : undefined;
  if (known && whenText(known) === text && zoneText(known) === scheduleTimeZone) return known;
  const read = readWhen(text, scheduleTimeZone, nowMs);
  return "error" in read ? { error: `schedule: ${read.error}` } : read.value;
}

/** What scheduleTimeZone shows of it: empty when the offset in the text says it. */
export function zoneText(when: When): string {
  return when.type === "interval" && !when.isZoned ? "" : when.zone;
}

function statsOf(body: ChronosBody): JobStats {
  const { successCount, errorCount, errorsSinceLastSuccess } = body;
  const [lastSuccessMs, lastErrorMs] = [parseTimestamp(body.lastSuccess), parseTimestamp(body.lastError)];
  return {
    successCount,
    errorCount,
    errorsSinceLastSuccess,
    ...(lastSuccessMs !== undefined && { lastSuccessMs }),
    ...(lastErrorMs !== undefined && { lastErrorMs }),
  };
}
