import { type JobSchedule, schedulesOf } from "../job.ts";
import { nextFiring } from "../next.ts";
import type { CronOut } from "../out.ts";
import type { CronState, Entry } from "../state.ts";
import { askClock } from "../wakes.ts";
import { scheduleOf } from "../when.ts";

/** The job's next firings, from where each of its schedules stands; none while it or its schedule rests. The clock is looked at in time. */
export function schedule(state: CronState, entry: Entry, nowMs: number, out: CronOut): void {
  const before = new Map(entry.firings);
  entry.firings.clear();
  if (entry.job.isDisabled) return;
  for (const one of schedulesOf(entry.job))
    if (one.isEnabled) scheduleNext(state, entry, one, before.get(one.id), nowMs, out);
}

/** The next firing of one schedule. `before`: the one that was waited for until now. */
export function scheduleNext(
  state: CronState,
  entry: Entry,
  one: JobSchedule,
  before: number | undefined,
  nowMs: number,
  out: CronOut,
): void {
  const atMs = nextFiring(scheduleOf(one.when), entry.untilMs.get(one.id) ?? nowMs);
  if (atMs === undefined) return void entry.firings.delete(one.id);
  entry.firings.set(one.id, atMs);
  // One that is overdue, or was before the clock was set back, was taken out, and nothing became of it.
  const isOut = atMs <= nowMs || entry.held?.delete(one.id);
  if (atMs !== before || isOut) state.firings.add(atMs, { job: entry.job.id, schedule: one.id, atMs });
  askClock(state, Math.max(nowMs, atMs), out);
}
