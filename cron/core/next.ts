import { type CronFields, nextLocal } from "./next/cron.ts";
import { type Interval, nextOccurrence } from "./next/interval.ts";
import { instantOf, localOf } from "./next/zone.ts";

// Decides when a schedule fires next. Pure: the same schedule and instant always give the same answer.
// Rule it must never break: never an instant at or before the one it is asked about, and each local time fires once, also when clocks change. A local time
// that clocks jump over fires at the first instant after the jump; one that comes twice fires the first time.

/** When a job fires. Cron expressions have a resolution of minutes, intervals of milliseconds. */
export type Schedule = CronSchedule | Interval;

export interface CronSchedule {
  readonly type: "cron";
  readonly fields: CronFields;
  /** As in `Europe/Berlin`, `UTC` or `+02:00`. */
  readonly zone: string;
}

/** The first instant (ms since 1970) after `afterMs` at which the schedule fires; undefined when it never does again. */
export function nextFiring(schedule: Schedule, afterMs: number): number | undefined {
  switch (schedule.type) {
    case "cron":
      return nextCron(schedule, afterMs);
    case "interval":
      return nextOccurrence(schedule, afterMs)?.atMs;
  }
}

/** The next instants after `afterMs`, in order: as many as asked for, or fewer when the schedule ends. */
export function nextFirings(schedule: Schedule, afterMs: number, count: number): number[] {
  const found: number[] = [];
  for (let at = nextFiring(schedule, afterMs); at !== undefined && found.length < count; ) {
    found.push(at);
    at = nextFiring(schedule, at);
  }
  return found;
}

const MINUTE_MS = 60_000;

function nextCron({ fields, zone }: CronSchedule, afterMs: number): number | undefined {
  let from = Math.floor(localOf(zone, afterMs) / MINUTE_MS) + 1;
  for (;;) {
    const minute = nextLocal(fields, from);
    if (minute === undefined) return undefined;
    const atMs = instantOf(zone, minute * MINUTE_MS);
    if (atMs > afterMs) return atMs;
    // The second time of an hour that comes twice: these minutes have fired the first time.
    from = minute + 1;
  }
}
