import type { Group, RunSpec, Tree } from "@meseta/api/marathon/group.ts";
import { formatTimestamp, parseTimestamp } from "./definition/version.ts";
import type { RootChange } from "./saved.ts";
import { specAt } from "./spec.ts";
import type { InitState } from "./state.ts";

type Past = Pick<InitState, "tree" | "history" | "olderSpecs">;

/** The tree as it was in a version of the root, had by undoing the changes since, the newest first; undefined when the version is not known (any more). */
export function treeAt(state: Past, version: string): Tree | undefined {
  const wanted = sameForm(version);
  if (wanted === state.tree.version) return state.tree;
  const index = state.history.findIndex(({ before }) => before === wanted);
  if (index < 0) return undefined;
  const past = new PastTree(state.tree);
  for (const change of state.history.slice(index).reverse()) if (!past.undo(change, state.olderSpecs)) return undefined;
  return past.tree(wanted);
}

/** The versions of an app or pod that are known, the newest first, the present one among them. */
export function versionsOf(state: Past, id: string): RunSpec[] {
  const byVersion = new Map(state.olderSpecs.get(id));
  const present = specAt(state.tree, id);
  if (present !== undefined) byVersion.set(present.version, present);
  return [...byVersion.values()].sort((a, b) => (a.version < b.version ? 1 : -1));
}

/** An app or pod as it was in this version of its own. */
export function specOfVersion(state: Past, id: string, version: string): RunSpec | undefined {
  const wanted = sameForm(version);
  const present = specAt(state.tree, id);
  return present?.version === wanted ? present : state.olderSpecs.get(id)?.get(wanted);
}

/** The versions of the root in which the group was there, the newest first. */
export function groupVersionsOf({ tree, history }: Past, id: string): string[] {
  const versions: string[] = [];
  let isThere = tree.groups.has(id);
  if (isThere) versions.push(tree.version);
  for (const { before, groups } of [...history].reverse()) {
    if (Object.hasOwn(groups, id)) isThere = groups[id] !== null;
    if (isThere && before !== undefined) versions.push(before);
  }
  return versions;
}

// Clients may write a time in another way than we do.
function sameForm(version: string): string {
  const ms = parseTimestamp(version);
  return ms === undefined ? version : formatTimestamp(ms);
}

class PastTree {
  readonly #groups: Map<string, Group>;
  readonly #apps: Map<string, RunSpec>;
  readonly #pods: Map<string, RunSpec>;

  constructor({ groups, apps, pods }: Tree) {
    this.#groups = new Map(groups);
    this.#apps = new Map(apps);
    this.#pods = new Map(pods);
  }

  tree(version: string): Tree {
    return { version, groups: this.#groups, apps: this.#apps, pods: this.#pods } as Tree;
  }

  /** False when a definition of then is not known any more. */
  undo({ specs, groups }: RootChange, older: Past["olderSpecs"]): boolean {
    for (const [id, group] of Object.entries(groups)) {
      if (group === null) this.#groups.delete(id);
      else this.#groups.set(id, group);
    }
    return Object.entries(specs).every(([id, version]) => this.#putBack(id, version, older));
  }

  #putBack(id: string, version: string | null, older: Past["olderSpecs"]): boolean {
    if ((this.#apps.get(id) ?? this.#pods.get(id))?.version === version) return true;
    this.#apps.delete(id);
    this.#pods.delete(id);
    if (version === null) return true;
    const spec = older.get(id)?.get(version);
    if (spec === undefined) return false;
    ("containers" in spec ? this.#pods : this.#apps).set(id, spec);
    return true;
  }
}
