import type { Refusal } from "@meseta/api/mesos/refusal.ts";
import { MASTER_BOUNDS } from "../bounds.ts";
import type { Answer } from "../out.ts";

/** Done. */
export const done: Answer = { status: 200 };
/** Done here, and on its way to the agent. */
export const taken: Answer = { status: 202 };

export function badRequest(refusal: Refusal): Answer {
  return { status: 400, text: refusal.message };
}

export function conflict(refusal: Refusal): Answer {
  return { status: 409, text: refusal.message };
}

/** One event saves at most 100 records, so one call may name at most this many roles or machines. */
const MAX_NAMED = MASTER_BOUNDS.namedInACall.most;

export function tooMany(what: string, count: number): Answer | undefined {
  if (count <= MAX_NAMED) return undefined;
  return { status: 400, text: `One call may name at most ${MAX_NAMED} ${what}, not ${count}` };
}
