import type { RunSpec } from "@meseta/api/marathon/group.ts";
import type { Deployment } from "../deployment.ts";
import type { SpecChange } from "../plan.ts";
import type { SavedChange, SavedDeployment } from "../saved.ts";
import type { InitState } from "../state.ts";
import { specOfVersion } from "../tree-at.ts";

type Known = Pick<InitState, "tree" | "history" | "olderSpecs">;

/** The deployment as it is stored: definitions that have records of their own are named by their versions. `forgetVersions` keeps those for as long as it runs. */
export function savedDeployment(state: Known, deployment: Deployment): SavedDeployment {
  const { plan } = deployment;
  const changes: Record<string, SavedChange> = {};
  for (const [id, { before, after }] of Object.entries(plan.changes))
    changes[id] = { ...(before && { before: nameOf(state, before) }), ...(after && { after: nameOf(state, after) }) };
  return { ...deployment, plan: { ...plan, changes } };
}

// A definition of which no record tells is stored whole.
function nameOf(state: Known, spec: RunSpec): string | RunSpec {
  return specOfVersion(state, spec.id, spec.version) === spec ? spec.version : spec;
}

/** The deployment of these records; undefined when one of its definitions is not known (any more): then its services are only kept at their numbers. */
export function loadDeployment(state: Known, saved: SavedDeployment): Deployment | undefined {
  const changes: Record<string, SpecChange> = {};
  for (const [id, names] of Object.entries(saved.plan.changes)) {
    const before = named(state, id, names.before);
    const after = named(state, id, names.after);
    if (before === "unknown" || after === "unknown") return undefined;
    changes[id] = { ...(before && { before }), ...(after && { after }) };
  }
  return { ...saved, plan: { ...saved.plan, changes, groups: groupsOf(state, saved) } };
}

function named(state: Known, id: string, name: string | RunSpec | undefined): RunSpec | "unknown" | undefined {
  if (typeof name !== "string") return name;
  return specOfVersion(state, id, name) ?? "unknown";
}

// A group that nobody changed since is the tree's own: so it can be told from one that somebody did.
function groupsOf({ tree }: Known, { plan }: SavedDeployment): Deployment["plan"]["groups"] {
  const groups = Object.entries(plan.groups).map(([id, change]) => {
    const present = tree.groups.get(id);
    const isSame = present !== undefined && JSON.stringify(present) === JSON.stringify(change.after);
    return [id, isSame ? { ...change, after: present } : change] as const;
  });
  return Object.fromEntries(groups);
}
