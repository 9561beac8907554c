import type { Group, RunSpec, Tree } from "@meseta/api/marathon/group.ts";
import { constraintsOf } from "../definition/spec.ts";
import { fieldsOf } from "../fleet/hosts.ts";
import { tellCheckChanges } from "../health/notices.ts";
import { placesOf } from "../instance/instance.ts";
import { Instances } from "../instance/instances.ts";
import type { InitOut } from "../out.ts";
import { Tallies } from "../place/tally.ts";
import type { RootChange } from "../saved.ts";
import { specAt } from "../spec.ts";
import type { InitState, Service } from "../state.ts";
import { changedKeys } from "../versioned-map.ts";
import { touch } from "../wakes.ts";
import { failureKey } from "./failure.ts";
import { countRole, updateRoles } from "./roles.ts";
import { forgetVersions, keepVersion } from "./versions.ts";

/** Makes `tree` what is wanted: stores what differs and how to go back, has services for all that is new, and touches all that changed. */
export function replaceTree(state: InitState, tree: Tree, nowMs: number, out: InitOut): void {
  const before = state.tree;
  const specs = specChanges(before, tree);
  const groups = groupChanges(before, tree);
  state.tree = tree;
  saveSpecs(state, specs, tree, out);
  for (const [id, old] of specs) tellCheckChanges(old, specAt(tree, id), nowMs, out);
  saveGroups(groups, tree, out);
  out.save("root", { version: tree.version });
  if (tree.version !== before.version) remember(state, before, specs, groups, out);
  for (const [id, old] of specs) {
    const spec = specAt(tree, id);
    if (spec !== undefined) countRole(state, spec.role, 1);
    if (old !== undefined) countRole(state, old.role, -1);
    follow(state, id, nowMs, out);
  }
  updateRoles(state, out);
}

/** The service of this definition; one is made when there is none. */
export function serviceForInstances(state: InitState, spec: RunSpec): Service {
  return state.services.get(spec.id) ?? addService(state, spec.id, fieldsOf(constraintsOf(spec)));
}

/** The service of this id, wanted or not. */
export function serviceWithout(state: InitState, id: string): Service {
  return state.services.get(id) ?? addService(state, id, []);
}

function addService(state: InitState, id: string, fields: readonly string[]): Service {
  const service: Service = { id, instances: new Instances(), tallies: new Tallies(fields) };
  state.services.set(id, service);
  return service;
}

/** Nothing wants it, and nothing is left of it. */
export function dropService(state: InitState, id: string, out: InitOut): void {
  const service = state.services.get(id);
  if (service === undefined) return;
  if (service.lastFailure !== undefined) out.erase(failureKey(id));
  state.services.delete(id);
  state.backoff.clear(id);
  forgetVersions(state, id, out);
}

/** What each changed app or pod was before; undefined where it was not. */
function specChanges(before: Tree, after: Tree): Map<string, RunSpec | undefined> {
  const changes = new Map<string, RunSpec | undefined>();
  for (const id of [...changedKeys(before.apps, after.apps), ...changedKeys(before.pods, after.pods)])
    changes.set(id, specAt(before, id));
  return changes;
}

function groupChanges(before: Tree, after: Tree): Map<string, Group | undefined> {
  return new Map(changedKeys(before.groups, after.groups).map((id) => [id, before.groups.get(id)]));
}

function saveSpecs(
  state: InitState,
  changes: ReadonlyMap<string, RunSpec | undefined>,
  tree: Tree,
  out: InitOut,
): void {
  for (const [id, old] of changes) {
    const spec = specAt(tree, id);
    if (old !== undefined && old.version !== spec?.version) keepVersion(state, old, out);
    if (spec === undefined) out.erase(`spec/${id}`);
    else out.save(`spec/${id}`, spec);
  }
}

function saveGroups(changes: ReadonlyMap<string, Group | undefined>, tree: Tree, out: InitOut): void {
  for (const id of changes.keys()) {
    const group = tree.groups.get(id);
    if (group === undefined) out.erase(`group/${id}`);
    else out.save(`group/${id}`, group);
  }
}

function remember(
  state: InitState,
  before: Tree,
  specs: ReadonlyMap<string, RunSpec | undefined>,
  groups: ReadonlyMap<string, Group | undefined>,
  out: InitOut,
): void {
  const change: RootChange = {
    version: state.tree.version,
    before: before.version,
    specs: Object.fromEntries([...specs].map(([id, old]) => [id, old?.version ?? null])),
    groups: Object.fromEntries([...groups].map(([id, old]) => [id, old ?? null])),
  };
  state.history.push(change);
  out.save(`history/${change.version}`, change);
  while (state.history.length > state.config.mostVersions) forgetOldest(state, out);
}

function forgetOldest(state: InitState, out: InitOut): void {
  const oldest = state.history.shift()!;
  out.erase(`history/${oldest.version}`);
  for (const id of Object.keys(oldest.specs)) forgetVersions(state, id, out);
}

function follow(state: InitState, id: string, nowMs: number, out: InitOut): void {
  const spec = specAt(state.tree, id);
  touch(state, id, nowMs, out);
  if (state.queue.entryOf(id) !== undefined) state.undecided.add(id);
  if (spec === undefined) return;
  const service = serviceForInstances(state, spec);
  const fields = fieldsOf(constraintsOf(spec));
  if (fields.join("\n") === service.tallies.fields.join("\n")) return;
  service.tallies = new Tallies(fields);
  for (const instance of service.instances.values()) {
    const places = placesOf(instance);
    if (places !== undefined) service.tallies.add(places);
  }
}
