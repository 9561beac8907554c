import { type Job, type JobSchedule, schedulesOf } from "../job.ts";
import { firstOccurrence } from "../next/interval.ts";
import type { Entry } from "../state.ts";

/**
 * Until when the firings of each schedule of `next` are done with, by its id. A schedule that is as it was goes on where it stands. One that rested does so only
 * when it makes one run of all that it missed; else it begins again now.
 */
export function positionsFor(next: Job, entry: Entry | undefined, nowMs: number): Map<string, number> {
  const known = new Map((entry ? schedulesOf(entry.job) : []).map((schedule) => [schedule.id, schedule]));
  return new Map(
    schedulesOf(next).map((schedule) => {
      const old = known.get(schedule.id);
      const untilMs = entry?.untilMs.get(schedule.id);
      const isSame = old?.when === schedule.when && untilMs !== undefined;
      if (!isSame)
        return [schedule.id, Math.max(beginningOf(schedule, nowMs), hadUntil(schedule, old, untilMs, nowMs))];
      const hasRested = !isOn(old, entry!.job) && isOn(schedule, next) && schedule.catchUp !== "ONE";
      return [schedule.id, hasRested ? Math.max(believed(untilMs, nowMs), nowMs) : untilMs];
    }),
  );
}

/** Where a new schedule stands: what its start left in the past is due, unless missed firings are dropped. Source: Chronos runs at once what starts in the past. */
function beginningOf({ when, catchUp }: JobSchedule, nowMs: number): number {
  if (when.type === "cron") return nowMs;
  if (catchUp === "NONE") return nowMs - LEFT_OPEN_MS;
  const first = firstOccurrence(when);
  return first === undefined ? nowMs : first.atMs - 1;
}

/** A start that was left open is a second ago: such a schedule fires at once. */
const LEFT_OPEN_MS = 1001;

/** What was had is not had again by one that makes a run for each firing. Who makes one for all has it at once, as in Chronos. An interval of which nothing was had only waited for its start. */
function hadUntil({ catchUp }: JobSchedule, old: JobSchedule | undefined, untilMs: number | undefined, nowMs: number) {
  const isUnused = old?.when.type === "interval" && old.when.first === 0;
  return catchUp === "ONE" || isUnused || untilMs === undefined ? Number.NEGATIVE_INFINITY : believed(untilMs, nowMs);
}

/** A clock that once showed another year would keep the job from running until then: whoever resumes it or changes its schedule ends that. */
function believed(untilMs: number, nowMs: number): number {
  return untilMs > nowMs + DAY_MS ? nowMs : untilMs;
}

const DAY_MS = 86_400_000;

function isOn(schedule: JobSchedule, job: Job): boolean {
  return schedule.isEnabled && !job.isDisabled;
}
