import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import type { Random } from "@meseta/lib/core/random.ts";
import { fieldValue } from "@meseta/sdk/core/offer/field.ts";
import { fulfils } from "@meseta/sdk/core/offer/operators.ts";
import { amountOf, has, takePort, takeScalar } from "@meseta/sdk/core/offer/pool.ts";
import { choosePorts } from "@meseta/sdk/core/offer/ports.ts";
import type { HeldOffer } from "./held.ts";
import type { SeenOffer } from "./seen.ts";
import type { Shape } from "./shape.ts";

/** What a task takes of an offer. */
export interface Place {
  readonly resources: readonly Resource[];
  /** For each port mapping of the job, in their order. */
  readonly hostPorts: readonly number[];
}

/** A place for one task on what is left of the offer, from which it is taken; undefined when there is none, which is remembered. */
export function placeOn(held: HeldOffer, shape: Shape, random: Random): Place | undefined {
  if (held.refused.has(shape)) return undefined;
  const hostPorts = isRoomFor(shape, held) ? choosePorts(shape.ports, held.pools, random) : undefined;
  if (hostPorts === undefined) {
    held.refused.add(shape);
    return undefined;
  }
  const ports = hostPorts.filter((port) => port !== undefined);
  const scalars = shape.scalars.flatMap(([name, milli]) => takeScalar(held.pools, name, milli));
  return { resources: [...scalars, ...ports.map((port) => takePort(held.pools, port))], hostPorts: ports };
}

/** How many tasks of the shape fit, at most `most`, when of each resource so much is left (thousandths, by name). Ports count as one task's. */
export function roomFor(shape: Shape, held: HeldOffer, left: ReadonlyMap<string, number>, most: number): number {
  if (held.refused.has(shape)) return 0;
  if (obstacleOf(shape, held) !== undefined) {
    held.refused.add(shape);
    return 0;
  }
  const room = shape.scalars.map(([name, milli]) => Math.floor((left.get(name) ?? 0) / milli));
  return Math.max(0, Math.min(most, shape.ports.length > 0 ? 1 : most, ...room));
}

/** How much of each resource is there, in thousandths. */
export function amountsOf({ pools }: HeldOffer): Map<string, number> {
  return new Map(["cpus", "mem", "disk", "gpus"].map((name) => [name, amountOf(pools, name)]));
}

/** Whether there are its amounts, and what its constraints want. */
function isRoomFor(shape: Shape, held: HeldOffer): boolean {
  return shape.scalars.every(([name, milli]) => has(held.pools, name, milli)) && obstacleOf(shape, held) === undefined;
}

/** Why an agent does not do, however much is free there, of one agent and of several. */
export interface Obstacle {
  readonly one: string;
  readonly several: string;
}

/** The first of what is in the way of a task there; undefined when nothing is. */
export function obstacleOf(shape: Shape, { offer, pools, isFar }: SeenOffer): Obstacle | undefined {
  const { constraints, needsGpus } = shape;
  const unmet = constraints.find(
    ({ attribute, operator, value }) => !fulfils(operator, fieldValue(attribute, offer), value),
  );
  if (unmet !== undefined) return lackOf(`${unmet.attribute} ${unmet.operator} ${unmet.value}`);
  if (isFar && !constraints.some(({ attribute }) => attribute === "@region")) return FAR;
  return !needsGpus && amountOf(pools, "gpus") > 0 ? KEPT : undefined;
}

// As Mesos does for frameworks that know nothing of regions, or of GPUs.
const FAR = { one: "is not in the master's region", several: "are not in the master's region" };
const KEPT = { one: "keeps its GPUs for who needs some", several: "keep their GPUs for who needs some" };

function lackOf(constraint: string): Obstacle {
  return { one: `does not have ${constraint}`, several: `do not have ${constraint}` };
}
