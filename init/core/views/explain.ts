import type { Reading } from "../query.ts";
import { specAt } from "../spec.ts";
import type { InitState } from "../state.ts";
import type { QueryFor } from "./apps.ts";
import { notFound, shown } from "./reading.ts";

/** Why the app or pod does not (all) run. */
export function explain({ id }: QueryFor<"explain">, state: InitState, _nowMs: number): Reading {
  const spec = specAt(state.tree, id);
  if (spec === undefined) return notFound(`App '${id}' does not exist`);
  return shown({ id });
}
