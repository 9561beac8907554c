import type { Reading } from "../query.ts";
import { specAt } from "../spec.ts";
import type { QueryFor } from "./apps.ts";
import { notFound, shown } from "./reading.ts";
import type { Seen } from "./seen.ts";

/** Why the app or pod does not (all) run. */
export function explain({ id }: QueryFor<"explain">, state: Seen, _nowMs: number): Reading {
  const spec = specAt(state.tree, id);
  if (spec === undefined) return notFound(`App '${id}' does not exist`);
  return shown({ id });
}
