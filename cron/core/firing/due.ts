import type { JobSchedule } from "../job.ts";
import { launched, merged, newestOccurrences, passed } from "../next/interval.ts";
import { nextFiring, type Schedule } from "../next.ts";
import { scheduleOf } from "../when.ts";

/** How things stand when a schedule's firing is due. Times in ms since 1970. */
export interface Standing {
  /** Firings until then are done with. */
  readonly untilMs: number;
  readonly nowMs: number;
  /** What was due before was missed: nobody was there. */
  readonly freshMs: number;
  /** A run of the job is under way. */
  readonly isBusy: boolean;
  /** A run of this schedule has not been launched yet. */
  readonly isQueued: boolean;
  readonly mostCaughtUp: number;
}

export interface Due {
  /** The instants for which there is to be a run each, in order. */
  readonly fires: readonly number[];
  readonly schedule: JobSchedule;
  readonly untilMs: number;
}

/** What a schedule makes of being due: the runs that it wants, and where it stands then. Standing where it stood, it waits for the end of a run. */
export function due(schedule: JobSchedule, standing: Standing): Due {
  const { untilMs, nowMs, isBusy, isQueued } = standing;
  const first = nextFiring(scheduleOf(schedule.when), untilMs);
  if (first === undefined || first > nowMs) return { fires: [], schedule, untilMs };
  if (isBusy && schedule.overlap !== "start") return overlapping(schedule, standing);
  if (schedule.catchUp !== "ONE") return each(schedule, standing);
  // What passes while a run is queued is that run.
  return isQueued ? mergedUntil(schedule, nowMs) : one(schedule, first, nowMs);
}

function overlapping(schedule: JobSchedule, { untilMs, nowMs, isQueued }: Standing): Due {
  if (schedule.overlap === "drop" || schedule.catchUp === "NONE") return done(schedule, [], nowMs);
  return schedule.catchUp === "ONE" && isQueued ? mergedUntil(schedule, nowMs) : { fires: [], schedule, untilMs };
}

/** One run for all that are due, which counts once. Source: Chronos. */
function one(schedule: JobSchedule, first: number, nowMs: number): Due {
  const { when } = schedule;
  const next = when.type === "interval" ? { ...schedule, when: launched(when, nowMs) } : schedule;
  return { fires: [first], schedule: next, untilMs: nowMs };
}

function mergedUntil(schedule: JobSchedule, nowMs: number): Due {
  const { when } = schedule;
  const next = when.type === "interval" ? { ...schedule, when: merged(when, nowMs) } : schedule;
  return { fires: [], schedule: next, untilMs: nowMs };
}

/** A run for each: for all that are due, or for the first of them when the others must not run beside it. */
function each(schedule: JobSchedule, standing: Standing): Due {
  const { overlap, catchUp } = schedule;
  const wanted = catchUp === "NONE" ? current(schedule, standing) : missed(schedule, standing);
  const fires = wanted.slice(0, overlap === "start" ? MOST_AT_ONCE : 1);
  const othersWait = overlap === "start" || (overlap === "wait" && catchUp === "EACH");
  const isAll = fires.length === wanted.length || !othersWait;
  return done(schedule, fires, isAll ? standing.nowMs : fires.at(-1)!);
}

/** One event stores only so much; the others are due at once again. */
const MOST_AT_ONCE = 50;

function missed(schedule: JobSchedule, { untilMs, nowMs, mostCaughtUp }: Standing): readonly number[] {
  return newest(schedule, untilMs, nowMs, mostCaughtUp);
}

/** The newest, and what was due in the last minute: a loop may be late, and a clock that jumped ahead is as if nobody had been there. */
function current(schedule: JobSchedule, { untilMs, nowMs, freshMs, mostCaughtUp }: Standing): readonly number[] {
  const found = newest(schedule, Math.max(untilMs, freshMs), nowMs, mostCaughtUp);
  return found.filter((atMs, index) => atMs > nowMs - LATE_MS || index === found.length - 1);
}

const LATE_MS = 60_000;

function done(schedule: JobSchedule, fires: readonly number[], untilMs: number): Due {
  const { when } = schedule;
  if (when.type === "cron") return { fires, schedule, untilMs };
  return { fires, schedule: { ...schedule, when: passed(when, untilMs) }, untilMs };
}

/** The newest firings after `afterMs` and until `untilMs`, in order. */
function newest({ when }: JobSchedule, afterMs: number, untilMs: number, most: number): readonly number[] {
  if (when.type === "interval") return newestOccurrences(when, afterMs, untilMs, most);
  // Nobody knows how many there are: it is looked back twice as far each time.
  for (let lengthMs = HOUR_MS; ; lengthMs *= 2) {
    const fromMs = Math.max(afterMs, untilMs - lengthMs);
    const found = between(scheduleOf(when), fromMs, untilMs);
    if (found.length >= most || fromMs === afterMs) return found.slice(Math.max(0, found.length - most));
  }
}

const HOUR_MS = 3_600_000;

function between(schedule: Schedule, afterMs: number, untilMs: number): number[] {
  const found: number[] = [];
  for (let atMs = nextFiring(schedule, afterMs); atMs !== undefined && atMs <= untilMs; ) {
    found.push(atMs);
    atMs = nextFiring(schedule, atMs);
  }
  return found;
}
