import type { DurationInfo } from "@meseta/api/mesos/generated/mesos.ts";

/** Whether time that a user wants waited is not less than none; what is not given is not wrong. */
export function isNonNegative(duration: DurationInfo | undefined): boolean {
  return duration === undefined || duration.nanoseconds >= 0;
}

/** Whether Mesos' Duration (a 64-bit count of nanoseconds) can hold so many seconds. */
export function fitsDuration(seconds: number): boolean {
  return Math.abs(seconds) <= LONGEST_SECONDS;
}

const LONGEST_SECONDS = Number(2n ** 63n) / 1e9;
