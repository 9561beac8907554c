import { type Problem, ruleProblem } from "@meseta/api/json-body/outcome.ts";
import { isObject, type Json, readObject } from "@meseta/api/json-body/read.ts";
import type { MetronomeSchedule } from "@meseta/api/metronome/schedule.ts";
import { formatTimestamp } from "@meseta/lib/core/timestamp.ts";
import { CRON_BOUNDS } from "../bounds.ts";
import { type Job, type JobSchedule, schedulesOf, type When } from "../job.ts";
import { zoneNamed } from "../next/zone.ts";
import { nextFiring } from "../next.ts";
import { readWhen, scheduleOf, whenText } from "../when.ts";
import type { MetronomeRead } from "./metronome.ts";
import { SCHEDULE_FIELDS } from "./metronome-fields.ts";
import { invalid, metronomeRefusal } from "./refusal.ts";

/** All schedules of a job are in its record, and where they stand is stored with each firing. */
export const MOST_SCHEDULES = CRON_BOUNDS.schedules.most;

export interface ScheduleReading {
  readonly nowMs: number;
  /** The id that the URL names; it wins over the body's. */
  readonly id?: string;
  /** The schedule that is replaced. */
  readonly old?: JobSchedule;
}

/** A schedule from the parsed body of POST and PUT /v1/jobs/{id}/schedules. */
export function readSchedule(body: unknown, reading: ScheduleReading): MetronomeRead<JobSchedule> {
  if (!isObject(body))
    return metronomeRefusal(400, { message: "The body must be a JSON object that describes a schedule." });
  const problems: Problem[] = [];
  const given = reading.id === undefined ? body : { ...body, id: reading.id };
  const read = readObject(SCHEDULE_FIELDS, given, "", problems);
  if (problems.length > 0) return invalid(problems);
  const outcome = scheduleOfBody(read, reading, "");
  return "problem" in outcome ? invalid([outcome.problem]) : { value: outcome.schedule };
}

/** The schedule that fields which have been read describe. What Metronome has no words for is as it was. `at`: where it stands, for the problem's path. */
export function scheduleOfBody(
  read: Json,
  { nowMs, old }: ScheduleReading,
  at: string,
): { readonly schedule: JobSchedule } | { readonly problem: Problem } {
  const body = read as unknown as Omit<MetronomeSchedule, "timezone"> & { timezone?: string; timeZone?: string };
  const zone = body.timezone ?? body.timeZone;
  if (zone !== undefined && zoneNamed(zone) === undefined)
    return { problem: ruleProblem(`${at}/timezone`, noZone(zone)) };
  const when = whenOf(body.cron, zone, nowMs, old?.when);
  if ("error" in when) return { problem: ruleProblem(`${at}/cron`, when.error) };
  const isForbidden = body.concurrencyPolicy === "FORBID";
  return {
    schedule: {
      id: body.id,
      when,
      isEnabled: body.enabled,
      overlap: isForbidden ? (old?.overlap === "wait" ? "wait" : "drop") : "start",
      catchUp: body.catchUp ?? "NONE",
      startingDeadlineSeconds: body.startingDeadlineSeconds,
    },
  };
}

/** A job's schedule as Metronome shows it. */
export function metronomeSchedule(
  schedule: JobSchedule,
  job: Pick<Job, "isDisabled">,
  nowMs: number,
): MetronomeSchedule {
  const { id, when, overlap, catchUp, startingDeadlineSeconds } = schedule;
  const isEnabled = schedule.isEnabled && !job.isDisabled;
  const nextMs = isEnabled ? nextFiring(scheduleOf(when), nowMs) : undefined;
  return {
    id,
    cron: whenText(when),
    timezone: when.zone,
    startingDeadlineSeconds: startingDeadlineSeconds ?? 900,
    concurrencyPolicy: overlap === "start" ? "ALLOW" : "FORBID",
    enabled: isEnabled,
    ...(nextMs !== undefined && { nextRunAt: metronomeTime(nextMs) }),
    ...(catchUp !== "NONE" && { catchUp }),
  };
}

/** The job with this schedule: in the place of that of the same id, or as its last. Enabling it ends the job's own rest. */
export function withSchedule(job: Job, schedule: JobSchedule): Job {
  const known = schedulesOf(job);
  const isNew = known.every(({ id }) => id !== schedule.id);
  const schedules = isNew ? [...known, schedule] : known.map((other) => (other.id === schedule.id ? schedule : other));
  return {
    ...job,
    trigger: { type: "schedules", schedules },
    isDisabled: job.isDisabled && !schedule.isEnabled,
  };
}

export function withoutSchedule(job: Job, id: string): Job {
  return { ...job, trigger: { type: "schedules", schedules: schedulesOf(job).filter((other) => other.id !== id) } };
}

/** `2026-01-05T10:00:00.000+0000` of ms since 1970. */
export function metronomeTime(atMs: number): string {
  const text =
    atMs <= YEAR_9999_MS
      ? formatTimestamp(atMs)
      : Temporal.Instant.fromEpochMilliseconds(Math.floor(atMs)).toString({ fractionalSecondDigits: 3 });
  return text.replace("Z", "+0000");
}

/** The last millisecond whose year has four digits. */
const YEAR_9999_MS = 253_402_300_799_999;

/** When it runs. A schedule as it was shown stays what it is, however far it has come. Without a zone it is UTC, or what an interval's own offset says. */
function whenOf(text: string, zone: string | undefined, nowMs: number, old?: When): When | { readonly error: string } {
  if (old && whenText(old) === text.trim() && isZoneOf(old, zone)) return old;
  const read = readWhen(text, zone ?? "", nowMs);
  return "error" in read ? read : read.value;
}

function isZoneOf(when: When, zone: string | undefined): boolean {
  if (zone !== undefined) return zoneNamed(zone) === when.zone;
  return when.type === "interval" ? !when.isZoned : when.zone === "UTC";
}

function noZone(zone: string): string {
  return `there is no time zone "${zone}". Write one such as Europe/Berlin, UTC or +02:00.`;
}
