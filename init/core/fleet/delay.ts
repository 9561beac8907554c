import { backoffOf } from "../definition/spec.ts";
import { type BackoffPolicy, launchableAtMs } from "../instance/backoff.ts";
import type { Instance } from "../instance/instance.ts";
import { somethingIsNew } from "../offers/demand.ts";
import type { InitOut } from "../out.ts";
import type { InitState } from "../state.ts";
import { askClock } from "../wakes.ts";
import { definitionOf } from "./lookup.ts";

/** The next launches of this instance's service, with its definition, wait longer, anew, or no more. */
export function changeDelay(
  state: InitState,
  instance: Instance,
  change: "raise" | "touch" | "clear",
  nowMs: number,
  out: InitOut,
): void {
  const { spec, configVersion } = instance;
  if (change !== "raise" && state.backoff.delayOf(spec, configVersion) === undefined) return;
  state.backoff.apply(spec, configVersion, change, policyOf(state, instance), nowMs);
  const atMs = launchableAtMs(state.backoff.delayOf(spec, configVersion));
  if (atMs <= nowMs) return;
  state.demand.delayed.add(atMs, spec);
  askClock(state, atMs, out);
}

/** Failures of before count no more: what is queued of the service may be launched at once. */
export function clearDelay(state: InitState, specId: string): void {
  state.backoff.clear(specId);
  somethingIsNew(state, specId);
}

function policyOf(state: InitState, instance: Instance): BackoffPolicy {
  const spec = definitionOf(state, instance);
  if (spec === undefined) return NONE;
  const { seconds, factor, maxSeconds } = backoffOf(spec);
  return { firstMs: seconds * 1000, factor, longestMs: maxSeconds * 1000 };
}

const NONE: BackoffPolicy = { firstMs: 1000, factor: 1.15, longestMs: 300_000 };
