import { type Bound, WHY } from "@meseta/lib/core/bound.ts";

/** Of a framework with many tasks, which asks for them in pieces: the master answers each before it does anything else. */
export const RECONCILED_TASKS = {
  what: "Tasks in one RECONCILE",
  most: 5000,
  fixed: WHY.slice,
  unseen: WHY.slice,
  outcome: "the rest follows 20 ms later",
} as const satisfies Bound;
