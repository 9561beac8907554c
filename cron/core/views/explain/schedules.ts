import { formatTimestamp } from "@meseta/lib/core/timestamp.ts";
import { type Job, type JobSchedule, schedulesOf } from "../../job.ts";
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
    const state = stateText(schedule, job, firings.get(schedule.id), nowMs);
    const text = `Schedule ${schedule.id}: ${explain(scheduleOf(schedule.when))}; ${state}.`;
    return [text, ...(isUnderWay ? overlapText(schedule) : [])].join(" ");
  });
}

function stateText({ when, isEnabled }: JobSchedule, { isDisabled }: Job, dueMs: number | undefined, nowMs: number) {
  if (!isEnabled) return "it is disabled";
  const nextMs = dueMs ?? nextFiring(scheduleOf(when), nowMs);
  if (nextMs === undefined) return "it has fired for the last time";
  if (isDisabled) return `it would be due next at ${showInstant(nextMs, when.zone)}`;
  return nextMs <= nowMs
    ? `it has been due since ${formatTimestamp(nextMs)}`
    : `next at ${showInstant(nextMs, when.zone)}`;
}

function overlapText({ overlap }: JobSchedule): string[] {
  if (overlap === "start") return [];
  if (overlap === "drop") return ["A firing while a run is under way is dropped."];
  return ["A firing while a run is under way waits until that has ended."];
}
