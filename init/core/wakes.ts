import type { InitOut } from "./out.ts";
import type { InitState } from "./state.ts";

/** Has the clock looked at not later than `atMs`. */
export function askClock(state: InitState, atMs: number, out: InitOut): void {
  if (atMs >= state.clockAtMs) return;
  state.clockAtMs = atMs;
  out.wake(atMs, { for: "clock", atMs });
}

/** Has the touched services settled: now, or when the rest is over. */
export function askSettle(state: InitState, nowMs: number, out: InitOut): void {
  // A clock that was set back does not make the rest longer.
  const atMs = Math.max(nowMs, Math.min(state.restUntilMs, nowMs + MOST_REST_MS));
  if (atMs >= state.settleAtMs) return;
  state.settleAtMs = atMs;
  out.wake(atMs, { for: "settle" });
}

const MOST_REST_MS = 10_000;

/** Has all tasks asked for at `atMs`, unless that is to happen before. */
export function askReconciliation(state: InitState, atMs: number, out: InitOut): void {
  if (atMs >= state.reconciliationAtMs) return;
  state.reconciliationAtMs = atMs;
  out.wake(atMs, { for: "reconciliation", atMs });
}

/** The service's instances or its definition have changed: it is looked at with the next settling. */
export function touch(state: InitState, specId: string, nowMs: number, out: InitOut): void {
  state.touched.add(specId);
  askSettle(state, nowMs, out);
}
