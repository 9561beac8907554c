import type { Offer, OfferOperation, Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { toMilli } from "@meseta/api/mesos/resources/scalar.ts";
import type { Random } from "@meseta/lib/core/random.ts";
import { fieldValue } from "@meseta/sdk/core/offer/field.ts";
import { amountOf, has, type Pool, poolsFor, type Stock, takePort, takeScalar } from "@meseta/sdk/core/offer/pool.ts";
import { choosePorts } from "@meseta/sdk/core/offer/ports.ts";
import { accepts } from "./place/operators.ts";
import type { Reason } from "./place/reason.ts";
import { poolsOf, reserveAndCreate } from "./place/reservation.ts";
import { type Tallies, Tally } from "./place/tally.ts";
import { putBack, takeDisks, volumesOf } from "./place/volumes.ts";
import type { Constraint, Part, Reservation, Wish } from "./place/wish.ts";

/** What placement knows besides the wish and the offer. */
export interface Settings {
  /** The region of this init; services without a constraint on @region stay in it. */
  readonly region?: string | undefined;
  /** restricted: an agent with gpus runs only what needs them. */
  readonly gpus: "restricted" | "unrestricted";
  /** Decline agents within `drainingMs` of a maintenance; absent: take them. */
  readonly maintenance?: { readonly drainingMs: number } | undefined;
  readonly principal?: string | undefined;
}

/** One instance that wants a place. */
export interface Seeker {
  readonly wish: Wish;
  /** Where the service's instances are, by the fields of its constraints; resident ones from their reservation on. */
  readonly placed: Tallies;
  /** Of a resident instance; `isMade` once an offer is to show it. */
  readonly reservation?: (Reservation & { readonly isMade: boolean }) | undefined;
}

/** A place: launch there, or, of a resident instance without a reservation yet, reserve there and wait for the next offer. */
export type Match = Place | Reserve;

export interface Place {
  readonly kind: "launch";
  readonly role: string;
  /** What each part of the wish takes. */
  readonly parts: readonly (readonly Resource[])[];
  /** For each port wish, undefined where no host port was wanted. */
  readonly hostPorts: readonly (number | undefined)[];
}

export interface Reserve {
  readonly kind: "reserve";
  readonly role: string;
  readonly operations: readonly OfferOperation[];
}

/**
 * Whether the instance fits on what is left of the offer: its place, which is then taken from the stock, or the first reason against it in the order
 * of the funnel. Source: Marathon's documentation of constraints, ports and /v2/queue.
 */
export function place(seeker: Seeker, stock: Stock, settings: Settings, random: Random, nowMs: number): Match | Reason {
  const { wish, reservation } = seeker;
  const open = openPools(seeker, stock);
  if (stock.offer.allocation_info?.role !== undefined && stock.offer.allocation_info.role !== wish.role)
    return "UnfulfilledRole";
  if (open.length === 0 && !reservation?.isMade) return "UnfulfilledRole";
  if (!reservation?.isMade && !isAcceptable(seeker, stock.offer, settings)) return "UnfulfilledConstraint";
  if (reservation?.isMade && !isThere(stock, reservation)) return "NoCorrespondingReservationFound";
  if (isDraining(stock.offer, settings, nowMs)) return "AgentMaintenance";
  const short = shortage(wish, open);
  if (short !== undefined) return short;
  const hostPorts = choosePorts(wish.ports, open, random);
  if (hostPorts === undefined) return "InsufficientPorts";
  if (isTooScarce(seeker, stock, settings)) return "DeclinedScarceResources";
  return reservation === undefined || reservation.isMade
    ? launchOn(seeker, stock, open, hostPorts)
    : reserveOn(seeker, stock, open, hostPorts, settings);
}

/** The first constraint that the agent does not fulfil, for those who ask why. */
export function failedConstraint({ wish, placed }: Seeker, offer: Offer): Constraint | undefined {
  return wish.constraints.find(
    (constraint) =>
      !accepts(constraint, fieldValue(constraint.field, offer), placed.of(constraint.field) ?? NOWHERE, wish.instances),
  );
}

const NOWHERE = new Tally();

// Volumes are made of what is unreserved, so that what was reserved by hand for a role stays what it was.
function openPools({ wish, reservation }: Seeker, stock: Stock): Pool[] {
  if (reservation === undefined) return poolsFor(stock, wish.acceptedResourceRoles ?? [wish.role, "*"]);
  return reservation.isMade ? poolsOf(stock, reservation) : poolsFor(stock, ["*"]);
}

// Where something is kept for an instance the constraints held when it was made, and they count it there already.
function isAcceptable(seeker: Seeker, offer: Offer, settings: Settings): boolean {
  return isInReach(seeker.wish, offer, settings) && failedConstraint(seeker, offer) === undefined;
}

function isInReach(wish: Wish, offer: Offer, { region }: Settings): boolean {
  const there = offer.domain?.fault_domain?.region.name;
  if (region === undefined || there === undefined || there === region) return true;
  return wish.constraints.some(({ field }) => field === "@region");
}

function isThere(stock: Stock, reservation: Reservation): boolean {
  return poolsOf(stock, reservation).length > 0 && volumesOf(stock, reservation) !== undefined;
}

function isDraining({ unavailability }: Offer, { maintenance }: Settings, nowMs: number): boolean {
  if (unavailability === undefined || maintenance === undefined) return false;
  const startMs = unavailability.start.nanoseconds / 1e6;
  const endMs = startMs + (unavailability.duration?.nanoseconds ?? Number.POSITIVE_INFINITY) / 1e6;
  return startMs - maintenance.drainingMs <= nowMs && nowMs < endMs;
}

const SCALARS = [
  ["cpus", "InsufficientCpus"],
  ["mem", "InsufficientMemory"],
  ["disk", "InsufficientDisk"],
  ["gpus", "InsufficientGpus"],
] as const;

function shortage({ parts }: Wish, pools: readonly Pool[]): Reason | undefined {
  return SCALARS.find(([name]) => !has(pools, name, needOf(parts, name)))?.[1];
}

function needOf(parts: readonly Part[], name: keyof Part): number {
  let sum = 0;
  for (const part of parts) sum += toMilli(part[name]);
  return sum;
}

// A resident instance must go back to where its volume is, gpus or not.
function isTooScarce({ wish, reservation }: Seeker, stock: Stock, { gpus }: Settings): boolean {
  if (gpus === "unrestricted" || reservation?.isMade || needOf(wish.parts, "gpus") > 0) return false;
  return amountOf(stock.pools, "gpus") > 0;
}

function launchOn({ wish, reservation }: Seeker, stock: Stock, open: Pool[], hostPorts: (number | undefined)[]): Place {
  const parts = takeParts(wish, open, hostPorts);
  const volumes = reservation === undefined ? [] : (volumesOf(stock, reservation) ?? []);
  volumes.forEach((volume, i) => {
    parts[wish.volumes[i]!.part]!.push(volume);
    stock.pools.find(({ resource }) => resource === volume)!.milli = 0;
  });
  return { kind: "launch", role: wish.role, parts, hostPorts };
}

function reserveOn(
  { wish, reservation }: Seeker,
  stock: Stock,
  open: Pool[],
  hostPorts: (number | undefined)[],
  { principal }: Settings,
): Reserve | Reason {
  const volumes = takeVolumes(wish, stock, open, reservation!.volumeIds);
  if (volumes === undefined) return "InsufficientDisk";
  const taken = takeParts(wish, open, hostPorts).flat();
  const operations = reserveAndCreate(taken, volumes, wish.role, reservation!, principal);
  return { kind: "reserve", role: wish.role, operations };
}

// The tasks' own disk comes first: what it needs must still be there when the volumes have theirs.
function takeVolumes(wish: Wish, stock: Stock, open: Pool[], ids: readonly string[]): Resource[] | undefined {
  const before = stock.pools.map(({ milli }) => milli);
  const volumes = takeDisks(wish.volumes, stock, ids);
  if (volumes !== undefined && has(open, "disk", needOf(wish.parts, "disk"))) return volumes;
  putBack(stock, before);
  return undefined;
}

function takeParts(wish: Wish, open: readonly Pool[], hostPorts: readonly (number | undefined)[]): Resource[][] {
  const taken = wish.parts.map((part) => SCALARS.flatMap(([name]) => takeScalar(open, name, toMilli(part[name]))));
  hostPorts.forEach((port, i) => {
    if (port !== undefined) taken[wish.ports[i]!.part]!.push(takePort(open, port));
  });
  return taken;
}
