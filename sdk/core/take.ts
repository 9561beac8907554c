import type { Resource, ValueRange } from "@meseta/api/mesos/generated/mesos.ts";
import { subtract } from "@meseta/api/mesos/resources/bag.ts";
import { isReserved } from "@meseta/api/mesos/resources/select.ts";
import { shrinkOne } from "@meseta/api/mesos/resources/shrink.ts";
import { milliOf, rangesOf } from "@meseta/api/mesos/resources/value.ts";

/** What a task wants of an offer: scalars by name, in their unit, and ports. */
export interface Wanted {
  readonly scalars: Readonly<Record<string, number>>;
  /** How many, whichever they are. */
  readonly ports?: number;
  /** Just these, beside the others. */
  readonly namedPorts?: readonly number[];
}

export interface Taken {
  /** To be written into the task, reservations and allocation as in the offer. */
  readonly resources: Resource[];
  /** The named ones are not among them. */
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
  const ports = takePorts(ordered, wanted.ports ?? 0, wanted.namedPorts ?? []);
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

function takePorts(
  offered: readonly Resource[],
  count: number,
  named: readonly number[],
): { pieces: Resource[]; numbers: number[] } | undefined {
  const pieces: Resource[] = [];
  const numbers: number[] = [];
  const missing = new Set(named);
  for (const resource of offered) {
    if (resource.name !== "ports" || resource.type !== "RANGES") continue;
    const ranges = rangesOf(resource);
    const own = [...missing].filter((port) => ranges.some(({ begin, end }) => begin <= port && port <= end));
    for (const port of own) missing.delete(port);
    const free = firstNumbers(without(ranges, named), count - numbers.length);
    for (const { begin, end } of free) for (let port = begin; port <= end; port++) numbers.push(port);
    const range = [...own.map((port) => ({ begin: port, end: port })), ...free].sort((a, b) => a.begin - b.begin);
    if (range.length > 0) pieces.push({ ...resource, ranges: { range } });
  }
  return numbers.length < count || missing.size > 0 ? undefined : { pieces, numbers };
}

function without(ranges: readonly ValueRange[], ports: readonly number[]): readonly ValueRange[] {
  return ports.reduce<readonly ValueRange[]>((left, port) => left.flatMap((range) => cutOut(range, port)), ranges);
}

function cutOut({ begin, end }: ValueRange, port: number): ValueRange[] {
  if (port < begin || port > end) return [{ begin, end }];
  return [
    { begin, end: port - 1 },
    { begin: port + 1, end },
  ].filter((range) => range.begin <= range.end);
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
