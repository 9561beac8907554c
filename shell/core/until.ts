import { span } from "./since.ts";

/** How long until an instant, as in "in 3m"; what is past is "now", and what never comes is empty. */
export function until(atMs: number | undefined, nowMs: number): string {
  if (atMs === undefined) return "";
  return atMs <= nowMs ? "now" : `in ${span(atMs - nowMs)}`;
}
