import type { Group, RunSpec } from "@meseta/api/marathon/group.ts";
import type { Deployment } from "./deployment.ts";
import type { Plan } from "./plan.ts";

/**
 * Init's durable records, by the key they have in the store. Each object stands alone, so none grows with the number of apps:
 * `framework` {@link SavedFramework} · `root` {@link SavedRoot} · `group/<id>` Group · `spec/<id>` App or Pod, the present one · `old-spec/<id>@<version>` ·
 * `history/<version>` {@link RootChange} · `instance/<id>` Instance · `deployment/<id>` {@link SavedDeployment} · `failure/<id>` TaskFailure · `release/<instance>@<agent>` Release.
 */
export interface SavedFramework {
  readonly id: string;
}

export interface SavedRoot {
  readonly version: string;
}

/** What one version of the root changed, so that trees before it can be had again: for each id its version before, null where there was none. Definitions stand in `old-spec/`. */
export interface RootChange {
  readonly version: string;
  /** The root's version before; absent of the first. */
  readonly before?: string;
  readonly specs: Readonly<Record<string, string | null>>;
  readonly groups: Readonly<Record<string, Group | null>>;
}

export type SavedSpec = RunSpec;

/** A deployment whose definitions are named by their versions: they are in `spec/` and `old-spec/`. */
export interface SavedDeployment extends Omit<Deployment, "plan"> {
  readonly plan: Omit<Plan, "changes"> & { readonly changes: Readonly<Record<string, SavedChange>> };
}

/** As a `SpecChange`; a definition that has no record of its own is whole. */
export interface SavedChange {
  readonly before?: string | RunSpec;
  readonly after?: string | RunSpec;
}
