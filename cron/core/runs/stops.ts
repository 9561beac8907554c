import type { CronOut } from "../out.ts";
import type { CronState, RunRef } from "../state.ts";
import { askClock } from "../wakes.ts";
import { stopRun } from "./change.ts";

/** A run that is to end, as soon as an event has room for it. */
export interface StopWanted {
  readonly ref: RunRef;
  readonly why: string;
  /** As of `stopRun`. */
  readonly isCounted: boolean;
}

/** Stops many runs: now as many as this event may store, the others with the next ticks of the clock. */
export function stopRuns(state: CronState, wanted: Iterable<StopWanted>, nowMs: number, out: CronOut): void {
  for (const one of wanted) state.stops.push(one);
  stopSome(state, nowMs, out);
  if (state.stops.length > 0) askClock(state, nowMs, out);
}

/** The next of those that are to be stopped. */
export function stopSome(state: CronState, nowMs: number, out: CronOut): void {
  while (state.stops.length > 0 && out.puts.size + out.deletes.size < MOST_RECORDS) {
    const { ref, why, isCounted } = state.stops.pop()!;
    stopRun(state, ref, why, nowMs, out, isCounted);
  }
}

/** The end of one may have hundreds of followers, and one event stores only so much. */
const MOST_RECORDS = 40;
