import { affectedBy, type Plan } from "../plan.ts";
import type { Seen } from "./seen.ts";
import { type Shelf, shelfOf } from "./shelf.ts";

/** What one reading looks at. */
export interface Look {
  readonly state: Seen;
  readonly nowMs: number;
  readonly shelf: Shelf;
  /** The running deployments that act on this app or pod: `[{"id":"…"}]`. */
  deploymentsOf(id: string): string;
}

export function lookAt(state: Seen, nowMs: number): Look {
  const running = state.deployments.all.map(({ plan }) => ({ id: plan.id, affected: affectedOf(plan) }));
  const shelf = shelfOf(state);
  if (shelf.size > state.services.size) shelf.tidy();
  return {
    state,
    nowMs,
    shelf,
    deploymentsOf(spec) {
      if (running.length === 0) return "[]";
      return JSON.stringify(running.flatMap(({ id, affected }) => (affected.has(spec) ? [{ id }] : [])));
    },
  };
}

const AFFECTED = new WeakMap<Plan, ReadonlySet<string>>();

function affectedOf(plan: Plan): ReadonlySet<string> {
  let affected = AFFECTED.get(plan);
  if (affected === undefined) AFFECTED.set(plan, (affected = new Set(affectedBy(plan))));
  return affected;
}
