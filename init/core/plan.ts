import type { Group, RunSpec, Tree } from "@meseta/api/marathon/group.ts";
import { instancesOf } from "./definition/spec.ts";
import { layersOf } from "./plan/layers.ts";
import { specAt } from "./spec.ts";
import { changeOf } from "./version.ts";
import { changedKeys } from "./versioned-map.ts";

/** The way from what was wanted to what is wanted: steps one after the other, the actions of a step at once. It carries all that is needed to go it and to go it back. */
export interface Plan {
  readonly id: string;
  readonly version: string;
  readonly steps: readonly PlanStep[];
  /** The apps and pods that differ, by id. */
  readonly changes: Readonly<Record<string, SpecChange>>;
  /** The groups that differ, by id. */
  readonly groups: Readonly<Record<string, GroupChange>>;
}

export interface PlanStep {
  readonly actions: readonly PlanAction[];
}

export interface PlanAction {
  readonly kind: ActionKind;
  readonly id: string;
  /** Instances that are to be killed, of a kill-and-scale. */
  readonly victims?: readonly string[];
}

export type ActionKind = "stop" | "start" | "scale" | "restart";

export interface SpecChange {
  readonly before?: RunSpec;
  readonly after?: RunSpec;
}

export interface GroupChange {
  readonly before?: Group;
  readonly after?: Group;
}

export interface PlanIds {
  readonly id: string;
  readonly version: string;
}

/**
 * The plan from the old tree to the new one: what is gone is stopped; what is new is started (with no instances, so that it exists); then, layer by layer of
 * the dependencies, services are scaled or restarted. Steps without actions are left out. `victims`: instances to kill while scaling, by service.
 */
export function planOf(
  before: Tree,
  after: Tree,
  { id, version }: PlanIds,
  victims: Readonly<Record<string, readonly string[]>> = {},
): Plan {
  const changes = changedSpecs(before, after, new Set(Object.keys(victims)));
  const ids = [...changes.keys()].sort();
  const stop = ids.filter((one) => changes.get(one)!.after === undefined);
  const start = ids.filter((one) => changes.get(one)!.before === undefined);
  const steps = [actionsOf("stop", stop), actionsOf("start", start), ...layeredSteps(after, ids, changes, victims)];
  return {
    id,
    version,
    steps: steps.filter((actions) => actions.length > 0).map((actions) => ({ actions })),
    changes: Object.fromEntries(changes),
    groups: Object.fromEntries(changedGroups(before, after)),
  };
}

/** The ids of the apps and pods on which the plan acts: those that it locks. */
export function affectedBy(plan: Plan): string[] {
  return [...new Set(plan.steps.flatMap(({ actions }) => actions.map(({ id }) => id)))];
}

function actionsOf(kind: ActionKind, ids: readonly string[]): PlanAction[] {
  return ids.map((id) => ({ kind, id }));
}

function layeredSteps(
  after: Tree,
  ids: readonly string[],
  changes: ReadonlyMap<string, SpecChange>,
  victims: Readonly<Record<string, readonly string[]>>,
): PlanAction[][] {
  const actions = ids.flatMap((id) => actionFor(id, changes.get(id)!, victims[id]) ?? []);
  const layers = layersOf(
    after,
    actions.map(({ id }) => id),
  );
  const byLayer = Map.groupBy(actions, ({ id }) => layers.get(id)!);
  return [...byLayer].sort(([a], [b]) => a - b).map(([, step]) => step);
}

// A change that no task notices is a scaling to the same number: it ends at once, and the definition is new.
function actionFor(
  id: string,
  { before, after }: SpecChange,
  victims: readonly string[] | undefined,
): PlanAction | undefined {
  if (after === undefined) return undefined;
  const scale: PlanAction = { kind: "scale", id, ...(victims === undefined ? {} : { victims }) };
  if (before === undefined || instancesOf(after) === 0) return scale;
  return changeOf(before, after) === "restart" ? { kind: "restart", id } : scale;
}

function changedSpecs(before: Tree, after: Tree, named: ReadonlySet<string>): Map<string, SpecChange> {
  const changes = new Map<string, SpecChange>();
  const ids = [...changedKeys(before.apps, after.apps), ...changedKeys(before.pods, after.pods), ...named];
  for (const id of ids) {
    const old = specAt(before, id);
    const spec = specAt(after, id);
    if (spec === undefined && old !== undefined) changes.set(id, { before: old });
    else if (spec !== undefined && old === undefined) changes.set(id, { after: spec });
    else if (spec !== undefined && old !== undefined && (named.has(id) || changeOf(old, spec) !== "none"))
      changes.set(id, { before: old, after: spec });
  }
  return changes;
}

function changedGroups(before: Tree, after: Tree): Map<string, GroupChange> {
  const changes = new Map<string, GroupChange>();
  for (const id of changedKeys(before.groups, after.groups)) {
    const [old, group] = [before.groups.get(id), after.groups.get(id)];
    changes.set(id, { ...(old && { before: old }), ...(group && { after: group }) });
  }
  return changes;
}
