import { fireDue } from "./firing/fire.ts";
import { eraseLeftovers } from "./jobs/leftovers.ts";
import type { CronOut } from "./out.ts";
import { changeRun } from "./runs/change.ts";
import { nextKillMs, sendKills } from "./runs/kill.ts";
import { stopSome } from "./runs/stops.ts";
import type { CronState } from "./state.ts";
import { askClock } from "./wakes.ts";

/** Time has passed: what was waited for until now happens, and the next time is waited for. */
export function tick(state: CronState, atMs: number, nowMs: number, out: CronOut): void {
  if (atMs !== state.clockAtMs) return;
  // Each of what happens now would ask for a time of its own, and all but one of them would be too late.
  state.clockAtMs = Number.NEGATIVE_INFINITY;
  stopSome(state, nowMs, out);
  lookAtRuns(state, nowMs, out);
  fireDue(state, nowMs, out);
  sendKills(state, nowMs, out);
  eraseLeftovers(state, nowMs, out);
  state.clockAtMs = Number.POSITIVE_INFINITY;
  waitOn(state, nowMs, out);
}

// One event stores only so much, and the last of these may end a run with hundreds of followers; the others have their turn at once.
function lookAtRuns(state: CronState, nowMs: number, out: CronOut): void {
  while (out.puts.size + out.deletes.size < MOST_RECORDS) {
    const ref = state.deadlines.takeDue(nowMs);
    if (ref === undefined) return;
    changeRun(state, ref, { type: "clock" }, nowMs, out);
  }
}

const MOST_RECORDS = 40;

/** Offers are looked after by themselves, a little before something fires. */
function waitOn(state: CronState, nowMs: number, out: CronOut): void {
  const firingMs = state.isResting ? undefined : state.firings.nextMs();
  const leftMs = state.leftovers.length > 0 || state.stops.length > 0 ? nowMs : undefined;
  for (const atMs of [firingMs, state.deadlines.nextMs(), nextKillMs(state), leftMs])
    if (atMs !== undefined) askClock(state, Math.max(atMs, nowMs), out);
}
