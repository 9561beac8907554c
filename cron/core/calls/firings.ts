import type { DryRun } from "@meseta/api/metronome/history.ts";
import { type Job, type JobSchedule, schedulesOf, type When } from "../job.ts";
import { positionsFor } from "../jobs/position.ts";
import { explain } from "../next/explain.ts";
import { launched } from "../next/interval.ts";
import { showInstant } from "../next/parse-interval.ts";
import { nextFiring, nextFirings, type Schedule } from "../next.ts";
import type { Entry } from "../state.ts";
import { scheduleOf, whenText } from "../when.ts";

/** The answer to a dry run: the job as it would be, and when it would run. */
export function dryRunOf<Shown>(job: Job, shown: Shown, old: Entry | undefined, nowMs: number): DryRun<Shown> {
  const positions = positionsFor(job, old, nowMs);
  const schedules = schedulesOf(job).map((schedule) => {
    const { id, when, catchUp } = schedule;
    const isOff = job.isDisabled || !schedule.isEnabled;
    const instants = isOff ? [] : firingsOf(schedule, positions.get(id)!, nowMs);
    const firings = instants.map((atMs) => showInstant(atMs, when.zone));
    return { id, words: explain(scheduleOf(when)), zone: when.zone, catchUp, firings };
  });
  return { job: shown, schedules };
}

/** Why the job is not taken: a new schedule of it will never fire. One that has fired for the last time may be written back. */
export function neverFires(job: Job, old: Job | undefined, nowMs: number): string | undefined {
  const known = new Set((old ? schedulesOf(old) : []).map(({ when }) => when));
  for (const { when, catchUp } of schedulesOf(job)) {
    if (known.has(when) || isNothing(when)) continue;
    const fromMs = when.type === "interval" && catchUp !== "NONE" ? Number.NEGATIVE_INFINITY : nowMs - LEFT_OPEN_MS;
    if (nextFiring(scheduleOf(when), fromMs) === undefined)
      return `"${whenText(when)}" never fires: all of its times have passed.`;
  }
  return undefined;
}

const SHOWN = 10;
const LEFT_OPEN_MS = 1001;

/** R0 says of itself that it never fires: such a job runs by hand. */
function isNothing(when: When): boolean {
  return when.type === "interval" && when.times === 0;
}

/** The next ten. What was missed is made up for now: each, or all by one. */
function firingsOf({ when, catchUp }: JobSchedule, untilMs: number, nowMs: number): number[] {
  const parsed = scheduleOf(when);
  const next = nextFirings(parsed, untilMs, SHOWN);
  const isLate = next[0] !== undefined && next[0] <= nowMs;
  if (!isLate || catchUp !== "ONE") return next.map((atMs) => Math.max(atMs, nowMs));
  return [nowMs, ...nextFirings(afterOne(parsed, nowMs), nowMs, SHOWN - 1)];
}

function afterOne(schedule: Schedule, nowMs: number): Schedule {
  return schedule.type === "interval" ? launched(schedule, nowMs) : schedule;
}
