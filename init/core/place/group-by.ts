/**
 * GROUP_BY: whether one more instance may go to the group of `value`. With a number n of groups (Marathon 1.11): each group gets instances div n, and
 * the rest one more each, as long as there is a rest left. Without it (Marathon until then): a new group, or one of the smallest.
 */
export function groupBy(
  value: string,
  argument: string | undefined,
  counts: ReadonlyMap<string, number>,
  instances: number,
): boolean {
  const groups = Number(argument);
  return argument === undefined || argument === "" || !(groups >= 1)
    ? isSmallest(value, counts)
    : hasRoom(value, groups, counts, instances);
}

function isSmallest(value: string, counts: ReadonlyMap<string, number>): boolean {
  const count = counts.get(value);
  return count === undefined || count === Math.min(...counts.values());
}

function hasRoom(value: string, groups: number, counts: ReadonlyMap<string, number>, instances: number): boolean {
  const count = counts.get(value);
  if (count === undefined) return counts.size < groups;
  const share = Math.floor(instances / groups);
  if (count !== share) return count < share;
  let used = 0;
  for (const other of counts.values()) used += Math.max(0, other - share);
  return (instances % groups) - used > 0;
}
