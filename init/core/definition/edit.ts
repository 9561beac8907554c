import { type Outcome, outcomeOf, type Problem, refuse, ruleProblem } from "@meseta/api/json-body/outcome.ts";
import type { App } from "@meseta/api/marathon/app.ts";
import type { Group, RunSpec, Tree } from "@meseta/api/marathon/group.ts";
import type { Pod } from "@meseta/api/marathon/pod.ts";
import { INIT_BOUNDS } from "../bounds.ts";
import { stamp, stampRestart } from "../version.ts";
import { VersionedMap } from "../versioned-map.ts";
import type { AppDraft } from "./app-defaults.ts";
import { findCycle } from "./cycle.ts";
import { ancestorsOf, isWithin, parentOf } from "./path.ts";
import type { PodDraft } from "./pod-defaults.ts";
import { PortsInUse } from "./ports-in-use.ts";
import { residentAppRules, residentPodRules } from "./resident-rules.ts";
import { roleChoice, roleProblems, sanitizeAccepted } from "./roles.ts";
import { below } from "./rule.ts";
import { withServicePorts } from "./service-ports.ts";
import type { Settings } from "./settings.ts";
import { instancesOf, isResident } from "./spec.ts";

/** One thing that a call asks for. `at` is where it stands in the body, for the paths of problems. Whatever is put replaces what was there. */
export type Change =
  | { readonly put: "app"; readonly draft: AppDraft; readonly at?: string }
  | { readonly put: "pod"; readonly draft: PodDraft; readonly at?: string }
  | { readonly put: "group"; readonly group: Omit<Group, "version">; readonly at?: string }
  /** An app or a pod. */
  | { readonly put: "nothing"; readonly id: string }
  /** A group and all below it; of the root, all below. */
  | { readonly put: "no group"; readonly id: string }
  /** The same definition, stamped as if its configuration had changed. */
  | { readonly put: "restart"; readonly id: string };

export interface Edit {
  readonly settings: Settings;
  /** The new version, later than the tree's: see `nextVersion`. */
  readonly version: string;
  /** A resident service may change its role only so. */
  readonly isForced?: boolean;
}

/**
 * The tree after the changes: groups that are missing above something are made, roles and service ports settled, definitions stamped, and the whole
 * checked: no two things at one path, no cycle of dependencies. Refused, nothing has changed. Source: the order of Marathon's root updates.
 */
export function editTree(tree: Tree, changes: readonly Change[], edit: Edit): Outcome<Tree> {
  const draft = new TreeDraft(tree, edit);
  for (const change of changes) {
    const conflict = draft.apply(change);
    if (conflict !== undefined) return refuse(409, conflict);
  }
  if (draft.problems.length > 0) return outcomeOf(tree, draft.problems);
  const next = draft.tree();
  const { mostServices } = edit.settings;
  if (servicesOf(next) > Math.max(servicesOf(tree), mostServices))
    return outcomeOf(tree, [ruleProblem("", `There are ${mostServices} apps and pods already (--max-apps)`)]);
  const cycle = findCycle(next, draft.changed());
  return outcomeOf(next, cycle ? [...CYCLE, ruleProblem("", `The cycle is ${cycle.join(" -> ")}`)] : []);
}

function servicesOf({ apps, pods }: Tree): number {
  return apps.size + pods.size;
}

const CYCLE = [ruleProblem("", "Dependency graph has cyclic dependencies.")];

/** The tree with nothing in it. */
export function emptyTree(version: string): Tree {
  return {
    version,
    groups: new Map([["/", { id: "/", dependencies: [], version }]]),
    apps: new Map(),
    pods: new Map(),
  };
}

/** A tree while it is changed, and what is wrong so far. */
class TreeDraft {
  readonly problems: Problem[] = [];
  readonly #before: Tree;
  readonly #edit: Edit;
  readonly #groups: MapDraft<Group>;
  readonly #apps: MapDraft<App>;
  readonly #pods: MapDraft<Pod>;
  readonly #ports: PortsInUse;

  constructor(tree: Tree, edit: Edit) {
    this.#before = tree;
    this.#edit = edit;
    this.#groups = new MapDraft(tree.groups);
    this.#apps = new MapDraft(tree.apps);
    this.#pods = new MapDraft(tree.pods);
    this.#ports = new PortsInUse(tree.apps);
  }

  tree(): Tree {
    const apps = this.#apps.done();
    this.#ports.become(apps);
    return { version: this.#edit.version, groups: this.#groups.done(), apps, pods: this.#pods.done() };
  }

  /** The apps and pods that now may wait for others for which they did not wait before. */
  changed(): string[] {
    const groups = this.#groups.changed().filter((id) => this.#groups.get(id)?.dependencies.length);
    const all = groups.length === 0 ? [] : [...this.#apps.keys(), ...this.#pods.keys()];
    const members = all.filter((id) => groups.some((group) => isWithin(id, group)));
    return [...this.#apps.changed(), ...this.#pods.changed(), ...members];
  }

  /** A sentence when something else stands at the path. */
  apply(change: Change): string | undefined {
    switch (change.put) {
      case "app":
        return this.#conflict(change.draft.id, "app") ?? this.#putApp(change.draft, change.at ?? "");
      case "pod":
        return this.#conflict(change.draft.id, "pod") ?? this.#putPod(change.draft, change.at ?? "");
      case "group":
        return this.#conflict(change.group.id, "group") ?? this.#putGroup(change.group, change.at ?? "");
      case "nothing":
        return this.#remove(change.id);
      case "no group":
        return this.#removeGroup(change.id);
      case "restart":
        return this.#restart(change.id);
    }
  }

  #conflict(id: string, kind: "app" | "pod" | "group"): string | undefined {
    if (kind !== "app" && this.#apps.has(id)) return `An app with the path ${id} already exists.`;
    if (kind !== "pod" && this.#pods.has(id)) return `A pod with the path ${id} already exists.`;
    if (kind !== "group" && this.#groups.has(id)) return `A group with the path ${id} already exists.`;
    const above = ancestorsOf(id).find((path) => this.#apps.has(path) || this.#pods.has(path));
    if (above !== undefined)
      return `An app or pod with the path ${above} already exists, so nothing can stand below it.`;
    this.#makeGroups(kind === "group" ? [...ancestorsOf(id), id] : ancestorsOf(id));
    return undefined;
  }

  #makeGroups(paths: readonly string[]): void {
    const { settings, version } = this.#edit;
    for (const id of paths) {
      if (this.#groups.has(id)) continue;
      const isTop = id !== "/" && parentOf(id) === "/";
      this.#groups.set(id, {
        id,
        dependencies: [],
        version,
        ...(isTop && { enforceRole: settings.newGroupEnforceRole === "top" }),
      });
    }
  }

  #putApp(given: AppDraft, at: string): undefined {
    const old = this.#before.apps.get(given.id);
    const draft = this.#withRole(given, old, given.acceptedResourceRoles ?? [], at);
    const { version, settings } = this.#edit;
    this.problems.push(...below(at, numberProblems(draft, "/instances")));
    this.#ports.remove(this.#apps.get(draft.id));
    const ported = withServicePorts(draft, old, this.#ports, settings);
    if (old) this.problems.push(...below(at, residentAppRules(old)(draft, settings)));
    if (ported === undefined) this.problems.push(ruleProblem(at, NO_PORT_LEFT));
    else this.#apps.set(draft.id, stamp(old, { ...ported, version, versionInfo: NEVER } as App, version));
  }

  #putPod(given: PodDraft, at: string): undefined {
    const old = this.#before.pods.get(given.id);
    const draft = this.#withRole(given, old, given.scheduling.placement.acceptedResourceRoles, at);
    const { version, settings } = this.#edit;
    this.problems.push(...below(at, numberProblems(draft, "/scaling/instances")));
    if (old) this.problems.push(...below(at, residentPodRules(old)(draft, settings)));
    this.#pods.set(draft.id, stamp(old, { ...draft, version, versionInfo: NEVER } as Pod, version));
  }

  #putGroup(group: Omit<Group, "version">, at: string): undefined {
    const old = this.#groups.get(group.id)!;
    const isTop = group.id !== "/" && parentOf(group.id) === "/";
    if (group.enforceRole !== undefined && !isTop) {
      this.problems.push(ruleProblem(`${at}/enforceRole`, "Only top-level groups can specify role enforcement."));
    }
    this.#groups.set(group.id, { ...old, ...group, version: this.#edit.version });
  }

  #remove(id: string): undefined {
    this.#ports.remove(this.#apps.get(id));
    this.#apps.delete(id);
    this.#pods.delete(id);
  }

  #removeGroup(group: string): undefined {
    const isBelow = (id: string) => id !== "/" && isWithin(id, group);
    for (const id of [...this.#apps.keys(), ...this.#pods.keys()].filter(isBelow)) this.#remove(id);
    for (const id of [...this.#groups.keys()].filter(isBelow)) this.#groups.delete(id);
    return undefined;
  }

  #restart(id: string): undefined {
    const { version } = this.#edit;
    const app = this.#apps.get(id);
    const pod = this.#pods.get(id);
    if (app) this.#apps.set(id, stampRestart(app, version));
    if (pod) this.#pods.set(id, stampRestart(pod, version));
  }

  #withRole<T extends AppDraft | PodDraft>(
    draft: T,
    old: RunSpec | undefined,
    accepted: readonly string[],
    at: string,
  ): T {
    const { settings, isForced } = this.#edit;
    const choice = roleChoice(this.#groups, draft.id, old?.role, settings);
    const role = draft.role ?? choice.default;
    const isSanitized = settings.features.has("sanitize_accepted_resource_roles");
    const kept = isSanitized ? sanitizeAccepted(role, accepted) : accepted;
    this.problems.push(...below(at, roleProblems(role, kept, choice, "/acceptedResourceRoles")));
    if (isResident(draft))
      this.problems.push(...below(at, residentRoleProblems(draft, role, isForced ? undefined : old)));
    return { ...draft, role, ...(isSanitized && acceptedIn(draft, kept)) };
  }
}

/** A map while it is changed. What is there costs nothing. */
class MapDraft<V> {
  readonly #before: ReadonlyMap<string, V>;
  readonly #changes = new Map<string, V | undefined>();

  constructor(before: ReadonlyMap<string, V>) {
    this.#before = before;
  }

  get(id: string): V | undefined {
    return this.#changes.has(id) ? this.#changes.get(id) : this.#before.get(id);
  }

  has(id: string): boolean {
    return this.get(id) !== undefined;
  }

  set(id: string, value: V): void {
    this.#changes.set(id, value);
  }

  delete(id: string): void {
    if (this.#before.has(id)) this.#changes.set(id, undefined);
    else this.#changes.delete(id);
  }

  *keys(): Generator<string> {
    for (const id of this.#before.keys()) if (this.has(id)) yield id;
    for (const id of this.#changes.keys()) if (!this.#before.has(id) && this.has(id)) yield id;
  }

  /** What was set, or removed. */
  changed(): string[] {
    return [...this.#changes.keys()];
  }

  done(): VersionedMap<V> {
    return VersionedMap.of(this.#before).edit(this.#changes);
  }
}

/** An instance is an object from the moment that it is wanted: a slip of the finger must not fill the memory, now and after each start. */
const MOST_INSTANCES = INIT_BOUNDS.instances.most;

function numberProblems(draft: AppDraft | PodDraft, path: string): Problem[] {
  const given = instancesOf(draft as RunSpec);
  return given <= MOST_INSTANCES ? [] : [ruleProblem(path, `got ${given}, expected ${MOST_INSTANCES} or less`)];
}

const NEVER = { lastScalingAt: "", lastConfigChangeAt: "" };
const NO_PORT_LEFT = "No service port is left in the range of local_port_min and local_port_max.";

// Nothing can be reserved for the role `*`; and what is reserved keeps its role.
function residentRoleProblems(draft: AppDraft | PodDraft, role: string, old: RunSpec | undefined): Problem[] {
  const kind = "containers" in draft ? "pods" : "apps";
  if (role === "*") return [ruleProblem("/role", `Resident ${kind} cannot have the role *`)];
  return old && isResident(old) && old.role !== role ? [ruleProblem("/role", changedRole(old.role, role))] : [];
}

function changedRole(from: string, to: string): string {
  return `It is not possible to change the role for existing reservations. If you proceed with this change, all existing instances will continue to run under the previous role, ${from}. Only new instances will be allocated with the new role, ${to}. In order to continue, retry your request with ?force=true`;
}

function acceptedIn(draft: AppDraft | PodDraft, accepted: readonly string[]): Partial<AppDraft> | Partial<PodDraft> {
  if (!("containers" in draft)) return accepted.length > 0 ? { acceptedResourceRoles: accepted } : {};
  const { scheduling } = draft;
  return { scheduling: { ...scheduling, placement: { ...scheduling.placement, acceptedResourceRoles: accepted } } };
}
