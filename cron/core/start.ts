import { schedule } from "./firing/schedule.ts";
import type { CronOut } from "./out.ts";
import type { JobRun } from "./run.ts";
import { stopRun, watchRun } from "./runs/change.ts";
import type { CronState, Entry } from "./state.ts";
import { askClock, askReconciliation } from "./wakes.ts";

/** A life begins: what was stored goes on. What was decided and not yet done is decided again. */
export function start(state: CronState, nowMs: number, out: CronOut): void {
  out.push({ type: "subscribe", frameworkId: state.master.frameworkId });
  state.firings.expect(state.entries.size);
  for (const entry of state.entries.values()) {
    schedule(state, entry, nowMs, out);
    for (const run of [...(entry.runs?.values() ?? [])]) goOn(state, entry, run, nowMs, out);
  }
  // Some of what was waited for may have come to pass in between.
  askClock(state, nowMs, out);
  askReconciliation(state, nowMs + state.config.reconciliationDelayMs, out);
}

// A stop is asked for again.
function goOn(state: CronState, entry: Entry, run: JobRun, nowMs: number, out: CronOut): void {
  watchRun(state, entry, run, nowMs, out);
  if (run.stop !== undefined) stopRun(state, { job: run.job, run: run.id }, run.stop.why, nowMs, out);
}
