import { formatTimestamp } from "@meseta/lib/core/timestamp.ts";
import { type JobSchedule, schedulesOf } from "../../job.ts";
import { explain } from "../../next/explain.ts";
import { showInstant } from "../../next/parse-interval.ts";
import { nextFiring } from "../../next.ts";
import type { Entry } from "../../state.ts";
import { scheduleOf } from "../../when.ts";

/** When it runs, and what keeps it from that. */
export function scheduleSentences({ job, runs, firings }: Entry, nowMs: number): string[] {
  if (job.trigger.type === "parents") return [];
  const schedules = schedulesOf(job);
  if (schedules.length === 0) return ["It has no schedule: it runs when it is asked to."];
  const isUnderWay = (runs?.size ?? 0) > 0;
  return schedules.map((schedule) => {
    const dueMs = job.isDisabled || !schedule.isEnabled ? undefined : firings.get(schedule.id);
    return [firingText(schedule, dueMs, nowMs), ...(isUnderWay ? overlapText(schedule) : [])].join(" ");
  });
}

function firingText({ id, when, isEnabled }: JobSchedule, dueMs: number | undefined, nowMs: number): string {
  const parsed = scheduleOf(when);
  const what = `Schedule ${id}: ${explain(parsed)}`;
  if (!isEnabled) return `${what}; it is disabled.`;
  const nextMs = dueMs ?? nextFiring(parsed, nowMs);
  if (nextMs === undefined) return `${what}; it has fired for the last time.`;
  if (nextMs <= nowMs) return `${what}; it has been due since ${formatTimestamp(nextMs)}.`;
  return `${what}; next at ${showInstant(nextMs, when.zone)}.`;
}

function overlapText({ overlap }: JobSchedule): string[] {
  if (overlap === "start") return [];
  if (overlap === "drop") return ["A firing while a run is under way is dropped."];
  return ["A firing while a run is under way waits until that has ended."];
}
