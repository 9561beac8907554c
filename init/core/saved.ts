import type { Group, RunSpec } from "@meseta/api/marathon/group.ts";

/**
 * Init's durable records, by the key they have in the store. Each object stands alone, so none grows with the number of apps:
 * `framework` {@link SavedFramework} · `root` {@link SavedRoot} · `group/<id>` Group · `spec/<id>` App or Pod, the present one · `old-spec/<id>@<version>` ·
 * `history/<version>` {@link RootChange} · `instance/<id>` Instance · `deployment/<id>` Deployment · `failure/<id>` TaskFailure.
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
