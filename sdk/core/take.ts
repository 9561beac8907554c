import type { Resource, ValueRange } from "@meseta/api/mesos/generated/mesos.ts";
import { subtract } from "@meseta/api/mesos/resources/bag.ts";
import { isReserved } from "@meseta/api/mesos/resources/select.ts";
import { shrinkOne } from "@meseta/api/mesos/resources/shrink.ts";
import { milliOf, rangesOf } from "@meseta/api/mesos/resources/value.ts";

/** What a task wants of an offer: scalars by name, in their unit, and how many ports. */
export interface Wanted {
  readonly scalars: Readonly<Record<string, number>>;
  readonly ports?: number;
}

export interface Taken {
  /** To be written into the task, reservations and allocation as in the offer. */
  readonly resources: Resource[];
  readonly ports: readonly number[];
  /** What is left of the offer for the next task. */
  readonly rest: Resource[];
}

/**
 * Takes what is wanted out of an offer's resources: reserved ones first, so that the shared pool is left to others; never
 * volumes, special disks or revocable resources. Undefined when the offer is too small.
 */
export function take(offered: readonly Resource[], wanted: Wanted): Taken | undefined {
  const plain = offered.filter((resource) => !resource.disk && !resource.revocable && !resource.shared);
  const ordered = [...plain.filter((each) => isReserved(each)), ...plain.filter((each) => !isReserved(each))];
  const resources: Resource[] = [];
  for (const [name, amount] of Object.entries(wanted.scalars)) {
    const pieces = takeScalar(ordered, name, Math.round(amount * 1000));
    if (!pieces) return undefined;
    resources.push(...pieces);
  }
  const ports = takePorts(ordered, wanted.ports ?? 0);
  if (!ports) return undefined;
  resources.push(...ports.pieces);
  return { resources, ports: ports.numbers, rest: subtract(offered, resources) };
}

function takeScalar(offered: readonly Resource[], name: string, milli: number): Resource[] | undefined {
  const pieces: Resource[] = [];
  let missing = milli;
  for (const resource of offered) {
    if (missing <= 0) break;
    if (resource.name !== name || resource.type !== "SCALAR") continue;
    const piece = shrinkOne(resource, missing);
    if (!piece) continue;
    pieces.push(piece);
    missing -= milliOf(piece);
  }
  return missing > 0 ? undefined : pieces;
}

function takePorts(offered: readonly Resource[], count: number): { pieces: Resource[]; numbers: number[] } | undefined {
  const pieces: Resource[] = [];
  const numbers: number[] = [];
  for (const resource of offered) {
    if (resource.name !== "ports" || resource.type !== "RANGES" || numbers.length === count) continue;
    const range = firstNumbers(rangesOf(resource), count - numbers.length);
    for (const { begin, end } of range) for (let port = begin; port <= end; port++) numbers.push(port);
    if (range.length > 0) pieces.push({ ...resource, ranges: { range } });
  }
  return numbers.length < count ? undefined : { pieces, numbers };
}

function firstNumbers(ranges: readonly ValueRange[], count: number): ValueRange[] {
  const out: ValueRange[] = [];
  let missing = count;
  for (const { begin, end } of ranges) {
    if (missing <= 0) break;
    const last = Math.min(end, begin + missing - 1);
    out.push({ begin, end: last });
    missing -= last - begin + 1;
  }
  return out;
}
