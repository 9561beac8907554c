import type { CronOut } from "./out.ts";
import type { CronState } from "./state.ts";

/** Has the clock looked at not later than `atMs`. */
export function askClock(state: CronState, atMs: number, out: CronOut): void {
  if (atMs >= state.clockAtMs) return;
  state.clockAtMs = atMs;
  out.wake(atMs, { for: "clock", atMs });
}

/** Has all tasks asked for at `atMs`, unless that is to happen before. */
export function askReconciliation(state: CronState, atMs: number, out: CronOut): void {
  if (atMs >= state.reconciliationAtMs) return;
  state.reconciliationAtMs = atMs;
  out.wake(atMs, { for: "reconciliation", atMs });
}
