import type { CronOut } from "./out.ts";
import type { JobRun } from "./run.ts";
import { watchRun } from "./runs/change.ts";
import { runUntil } from "./runs/clocks.ts";
import { sendAllKills } from "./runs/kill.ts";
import type { CronState, Entry } from "./state.ts";
import { askClock, askReconciliation } from "./wakes.ts";

/**
 * Looks whether somebody has set the clock back. Firings are by the time of day, and wait for it; but all that counts from an instant that is yet to come, such as rests
 * and kills that are asked for again, counts from now on, as in a new life.
 */
export function followClock(state: CronState, nowMs: number, out: CronOut): void {
  const isSetBack = nowMs < state.latestMs - TOLERANCE_MS;
  state.latestMs = isSetBack ? nowMs : Math.max(state.latestMs, nowMs);
  if (isSetBack) countFromNow(state, nowMs, out);
}

/** A clock that is kept right goes back by so much now and then, and nobody minds waiting as long. */
const TOLERANCE_MS = 1_000;

function countFromNow(state: CronState, nowMs: number, out: CronOut): void {
  state.clockAtMs = Number.POSITIVE_INFINITY;
  state.reconciliationAtMs = Number.POSITIVE_INFINITY;
  for (const entry of state.entries.values())
    for (const run of [...(entry.runs?.values() ?? [])]) watchFromNow(state, entry, run, nowMs, out);
  sendAllKills(state, nowMs, out);
  state.offers.oneByOneUntilMs = 0;
  askClock(state, nowMs, out);
  askReconciliation(state, nowMs + state.config.reconciliationDelayMs, out);
}

// It is stored so when something else of it changes: a life that begins before finds the same.
function watchFromNow(state: CronState, entry: Entry, run: JobRun, nowMs: number, out: CronOut): void {
  const past = runUntil(run, { job: entry.job, config: state.config, nowMs });
  entry.runs!.set(run.id, past);
  watchRun(state, entry, past, nowMs, out);
}
