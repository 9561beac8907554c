import type { ValueRange } from "@meseta/api/mesos/generated/mesos.ts";
import { addRanges, containsRanges, countRanges, subtractRanges } from "@meseta/api/mesos/resources/ranges.ts";
import type { Random } from "@meseta/lib/core/random.ts";
import type { Pool } from "./pool.ts";

/** A port of the host: 0 is any, absent is none (a port of the container only). */
export interface PortWish {
  readonly hostPort?: number | undefined;
}

/**
 * The host port for each wish, undefined where none is wanted; or undefined when the pools do not have them. Fixed ones must be there; the others are
 * a run of free ports from a random start, so that the ports of a task that just ended are not given to the next one at once.
 */
export function choosePorts(
  wishes: readonly PortWish[],
  pools: readonly Pool[],
  random: Random,
): (number | undefined)[] | undefined {
  if (wishes.every(({ hostPort }) => hostPort === undefined)) return wishes.map(() => undefined);
  const free = freePorts(pools);
  const fixed = wishes.flatMap(({ hostPort }) => (hostPort ? [{ begin: hostPort, end: hostPort }] : []));
  if (hasTwins(fixed) || !containsRanges(free, fixed)) return undefined;
  const rest = subtractRanges(free, fixed);
  const dynamic = wishes.filter(({ hostPort }) => hostPort === 0).length;
  if (countRanges(rest) < dynamic) return undefined;
  const chosen = dynamic === 0 ? [] : runOf(rest, dynamic, random);
  let next = 0;
  return wishes.map(({ hostPort }) => (hostPort === 0 ? chosen[next++] : hostPort));
}

function freePorts(pools: readonly Pool[]): readonly ValueRange[] {
  return pools
    .filter(({ resource }) => resource.name === "ports")
    .reduce<readonly ValueRange[]>((sum, { ranges }) => addRanges(sum, ranges), []);
}

// Two tasks' fixed ports may be one number only by mistake: the second one would never find it free.
function hasTwins(fixed: readonly ValueRange[]): boolean {
  return new Set(fixed.map(({ begin }) => begin)).size < fixed.length;
}

/** So many ports in a row, starting anywhere, and going on at the lowest after the highest. */
function runOf(free: readonly ValueRange[], count: number, random: Random): number[] {
  const total = countRanges(free);
  const start = random.below(total);
  return Array.from({ length: count }, (_, i) => portAt(free, (start + i) % total));
}

function portAt(free: readonly ValueRange[], index: number): number {
  for (const { begin, end } of free) {
    const size = end - begin + 1;
    if (index < size) return begin + index;
    index -= size;
  }
  throw new RangeError(`there is no port of index ${index}`);
}
