import type { Filters } from "@meseta/api/mesos/generated/mesos.ts";

const DEFAULT_SECONDS = 5;
const LONGEST_SECONDS = 365 * 24 * 60 * 60;

/**
 * For how many milliseconds what a framework refused is not offered to it again: `refuse_seconds`, which is 5 when it is absent, negative or not a
 * number, at most a year, and, unless it is 0, at least the time between two allocations.
 */
export function refuseMs(filters: Filters | undefined, allocationIntervalMs: number): number {
  const asked = filters?.refuse_seconds ?? DEFAULT_SECONDS;
  const seconds = asked >= 0 ? Math.min(asked, LONGEST_SECONDS) : DEFAULT_SECONDS;
  return seconds === 0 ? 0 : Math.max(Math.round(seconds * 1000), allocationIntervalMs);
}
