import type { App } from "./app.ts";
import type { Pod } from "./pod.ts";

/** A group as it is stored, without what is in it: that stands in the tree, by path. */
export interface Group {
  readonly id: string;
  /** Absolute ids of apps, pods or groups. */
  readonly dependencies: readonly string[];
  /** Only on top-level groups. */
  readonly enforceRole?: boolean;
  readonly version: string;
}

/**
 * All that is wanted, flat, each under its absolute id; so depth costs no stack. Every group above an app, pod or group is there, and the root `/` is.
 * Never changed in place: an edit makes a new one.
 */
export interface Tree {
  readonly version: string;
  readonly groups: ReadonlyMap<string, Group>;
  readonly apps: ReadonlyMap<string, App>;
  readonly pods: ReadonlyMap<string, Pod>;
}

/** What instances are made of. An app has no `containers`, a pod has. */
export type RunSpec = App | Pod;
