import type { MetronomeSchedule } from "@meseta/api/metronome/schedule.ts";
import { NOT_FOUND } from "../definition/refusal.ts";
import { metronomeSchedule } from "../definition/schedule.ts";
import { type Job, schedulesOf } from "../job.ts";
import type { Reading } from "../query.ts";
import type { Seen } from "./look.ts";
import { refused, shown } from "./reading.ts";

/** GET /v1/jobs/{id}/schedules. */
export function readSchedules({ entries }: Seen, id: string, nowMs: number): Reading {
  const entry = entries.get(id);
  return entry === undefined ? refused(NOT_FOUND.job(id)) : shown(schedulesShown(entry.job, nowMs));
}

/** GET /v1/jobs/{id}/schedules/{schedule}. */
export function readSchedule(
  { entries }: Seen,
  { job: id, schedule }: { readonly job: string; readonly schedule: string },
  nowMs: number,
): Reading {
  const entry = entries.get(id);
  if (entry === undefined) return refused(NOT_FOUND.job(id));
  const found = schedulesOf(entry.job).find((one) => one.id === schedule);
  return found === undefined
    ? refused(NOT_FOUND.schedule(schedule))
    : shown(metronomeSchedule(found, entry.job, nowMs));
}

export function schedulesShown(job: Job, nowMs: number): MetronomeSchedule[] {
  return schedulesOf(job).map((schedule) => metronomeSchedule(schedule, job, nowMs));
}
