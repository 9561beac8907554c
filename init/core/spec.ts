import type { RunSpec, Tree } from "@meseta/api/marathon/group.ts";
import { constraintsOf, isPod } from "./definition/spec.ts";

/** The app or pod of this absolute id. */
export function specAt(tree: Tree, id: string): RunSpec | undefined {
  return tree.apps.get(id) ?? tree.pods.get(id);
}

/** All apps and pods. */
export function* specsOf(tree: Tree): Generator<RunSpec> {
  yield* tree.apps.values();
  yield* tree.pods.values();
}

/** The fields by which GROUP_BY spreads its instances. */
export function groupByOf(spec: RunSpec): string[] {
  return constraintsOf(spec).flatMap(({ fieldName, operator }) => (operator === "GROUP_BY" ? [fieldName] : []));
}

/** Whether in a deployment a new instance must have said that it is ready before the next old one goes. */
export function hasReadiness(spec: RunSpec): boolean {
  return !isPod(spec) && spec.readinessChecks.length > 0;
}
