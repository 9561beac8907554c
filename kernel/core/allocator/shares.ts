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
 * divided by the weight. `divisor` has what the cluster has of each, and 0 for what does not count.
 */
export function shareOf(space: Space, allocated: Rows, node: number, divisor: Rows, weight: number): number {
  const held = allocated.data;
  const all = divisor.data;
  const from = node * space.width;
  const columns = space.names.length;
  let share = 0;
  for (let column = 0; column < columns; column++) {
    const mine = held[from + column]!;
    if (mine <= 0 || all[column]! <= 0) continue;
    const fraction = mine / all[column]!;
    if (fraction > share) share = fraction;
  }
  return share / weight;
}
