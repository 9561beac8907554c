import type { Tree } from "@meseta/api/marathon/group.ts";
import { ancestorsOf, isWithin } from "../definition/path.ts";
import { dependenciesOf } from "../definition/spec.ts";
import { specAt, specsOf } from "../spec.ts";

/**
 * For each of these apps and pods, the length of the longest path of dependencies below it: 0 when it depends on nothing. What depends on a group depends on all
 * below it, and what is in a group depends on all that the group depends on. A cycle, which validation refuses, is cut where it closes.
 */
export function layersOf(tree: Tree, ids: Iterable<string>): Map<string, number> {
  const members = new Members(tree);
  const depths = new Map<string, number>();
  for (const id of ids) measure(id, tree, members, depths);
  return new Map([...ids].map((id) => [id, depths.get(id) ?? 0]));
}

/** The apps and pods on which this one directly depends. */
function below(id: string, tree: Tree, members: Members): string[] {
  const spec = specAt(tree, id);
  const named = new Set(spec === undefined ? [] : dependenciesOf(spec));
  for (const group of ancestorsOf(id)) for (const other of tree.groups.get(group)?.dependencies ?? []) named.add(other);
  const found = new Set<string>();
  for (const other of named) for (const spec of members.of(other)) if (spec !== id) found.add(spec);
  return [...found];
}

// The walk keeps its own stack: a chain of dependencies may be longer than the machine's.
function measure(start: string, tree: Tree, members: Members, depths: Map<string, number>): void {
  const path: { id: string; left: string[]; depth: number }[] = [];
  const open = new Set<string>();
  const enter = (id: string) => {
    open.add(id);
    path.push({ id, left: below(id, tree, members), depth: 0 });
  };
  if (!depths.has(start)) enter(start);
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const next = top.left.at(-1);
    if (next === undefined) {
      path.pop();
      open.delete(top.id);
      depths.set(top.id, top.depth);
    } else if (depths.has(next) || open.has(next)) {
      top.left.pop();
      top.depth = Math.max(top.depth, open.has(next) ? 0 : depths.get(next)! + 1);
    } else enter(next);
  }
}

/** What stands below each group, found on demand. */
class Members {
  readonly #tree: Tree;
  readonly #known = new Map<string, string[]>();

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** The app or pod itself, or all below the group; nothing for an id that nothing has. */
  of(id: string): readonly string[] {
    if (specAt(this.#tree, id) !== undefined) return [id];
    let below = this.#known.get(id);
    if (below === undefined) this.#known.set(id, (below = this.#below(id)));
    return below;
  }

  #below(group: string): string[] {
    return [...specsOf(this.#tree)].map(({ id }) => id).filter((id) => isWithin(id, group));
  }
}
