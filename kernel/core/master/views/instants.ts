import type { TimeInfo } from "@meseta/api/mesos/generated/mesos.ts";

/** An instant as the v1 API writes it. */
export function timeInfo(ms: number): TimeInfo {
  return { nanoseconds: Math.round(ms * 1_000_000) };
}

/** An instant as the endpoints older than the v1 API write it: seconds since 1970. */
export function seconds(ms: number): number {
  return ms / 1000;
}
