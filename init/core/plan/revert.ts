import type { App } from "@meseta/api/marathon/app.ts";
import type { Group, RunSpec, Tree } from "@meseta/api/marathon/group.ts";
import type { Pod } from "@meseta/api/marathon/pod.ts";
import { ancestorsOf, isWithin } from "../definition/path.ts";
import { isPod } from "../definition/spec.ts";
import type { Plan } from "../plan.ts";

/**
 * The present tree with all that the plan changed as it was before the plan, and all else as it is. Groups that the plan made go when nothing is left in
 * them, and groups that it removed come back; a group keeps what others changed of it since. The caller stamps new versions.
 */
export function revert(plan: Plan, present: Tree): Tree {
  const apps = new Map(present.apps);
  const pods = new Map(present.pods);
  const groups = new Map(present.groups);
  for (const [id, { before }] of Object.entries(plan.changes)) {
    apps.delete(id);
    pods.delete(id);
    if (before !== undefined) put(before, apps, pods);
  }
  for (const [id, { before, after }] of Object.entries(plan.groups))
    if (before !== undefined && (!groups.has(id) || groups.get(id) === after)) groups.set(id, before);
  const tree = { ...present, apps, pods, groups };
  addGroupsAbove(tree, present.version);
  removeEmpty(plan, tree);
  return tree;
}

interface Editable extends Tree {
  readonly groups: Map<string, Group>;
}

function put(spec: RunSpec, apps: Map<string, App>, pods: Map<string, Pod>): void {
  if (isPod(spec)) pods.set(spec.id, spec);
  else apps.set(spec.id, spec);
}

// Somebody may have removed a group since, and what comes back needs it.
function addGroupsAbove(tree: Editable, version: string): void {
  for (const id of [...tree.apps.keys(), ...tree.pods.keys(), ...tree.groups.keys()])
    for (const above of ancestorsOf(id))
      if (!tree.groups.has(above)) tree.groups.set(above, { id: above, dependencies: [], version });
}

// Deepest first, so that a group that holds only such groups goes as well.
function removeEmpty(plan: Plan, tree: Editable): void {
  const made = Object.entries(plan.groups).flatMap(([id, { before }]) => (before === undefined ? [id] : []));
  for (const id of made.sort((a, b) => b.length - a.length)) if (!hasMembers(id, tree)) tree.groups.delete(id);
}

function hasMembers(group: string, tree: Tree): boolean {
  const isBelow = (id: string) => id !== group && isWithin(id, group);
  return [tree.apps, tree.pods, tree.groups].some((map) => map.keys().some(isBelow));
}
