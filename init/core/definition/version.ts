import { formatTimestamp, parseTimestamp } from "@meseta/lib/core/timestamp.ts";

// A version is the time of a change.
export { formatTimestamp, parseTimestamp };

/** The version of a change made now: now, but never the same as or before the one that it follows, because versions are keys. */
export function nextVersion(nowMs: number, last: string | undefined): string {
  const lastMs = last === undefined ? undefined : parseTimestamp(last);
  return formatTimestamp(lastMs === undefined ? nowMs : Math.max(nowMs, lastMs + 1));
}
