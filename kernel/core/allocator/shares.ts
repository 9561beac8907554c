import type { Rows, Space } from "./space.ts";

/** What nodes are sorted by, as it was when they were last put in order. */
export interface Keys {
  readonly share: number[];
  readonly count: number[];
  readonly path: string[];
}

/** Mesos' comparator: the smaller share first, then the one that was chosen less often, then the path. Total, because siblings' paths differ. */
export function comesBefore(keys: Keys, a: number, b: number): boolean {
  const shareA = keys.share[a]!;
  const shareB = keys.share[b]!;
  if (shareA !== shareB) return shareA < shareB;
  const countA = keys.count[a]!;
  const countB = keys.count[b]!;
  if (countA !== countB) return countA < countB;
  return keys.path[a]! < keys.path[b]!;
}

/**
 * The dominant share (Ghodsi et al., "Dominant Resource Fairness", NSDI 2011): the largest fraction of any one resource of the cluster,
 * divided by the weight. Resources of which the cluster has none do not count, nor do the excluded ones.
 */
export function shareOf(
  space: Space,
  allocated: Rows,
  node: number,
  total: Rows,
  excluded: ReadonlySet<string>,
  weight: number,
): number {
  const from = node * space.width;
  const columns = space.names.length;
  let share = 0;
  for (let column = 0; column < columns; column++) {
    const held = allocated.data[from + column]!;
    if (held <= 0) continue;
    const all = total.data[column]!;
    if (all <= 0 || excluded.has(space.names[column]!)) continue;
    const fraction = held / all;
    if (fraction > share) share = fraction;
  }
  return share / weight;
}
