import type { RunSpec } from "@meseta/api/marathon/group.ts";
import type { Offer } from "@meseta/api/mesos/generated/mesos.ts";
import { amountText, joined, type ScalarName } from "@meseta/lib/core/words.ts";
import { fieldValue } from "@meseta/sdk/core/offer/field.ts";
import { amountOf, poolsFor, stockOf } from "@meseta/sdk/core/offer/pool.ts";
import { lastOffersSummary } from "../../place/counters.ts";
import type { Reason } from "../../place/reason.ts";
import type { Constraint } from "../../place/wish.ts";
import { failedConstraint, type Seeker } from "../../place.ts";
import type { Entry } from "../../queue.ts";
import { wishOf } from "../../wish.ts";
import type { Seen } from "../seen.ts";

/** Why so many agents' last offers were not used. */
export interface Refusal {
  readonly reason: Reason;
  readonly agents: number;
  /** The same in words, with numbers. */
  readonly detail: string;
}

/** What is looked at to say why. */
export interface Case {
  readonly entry: Entry;
  readonly seeker: Seeker;
}

export function caseOf(spec: RunSpec, { config, services, queue }: Seen): Case | undefined {
  const entry = queue.entryOf(spec.id);
  const placed = services.get(spec.id)?.tallies;
  if (entry === undefined || placed === undefined) return undefined;
  return { entry, seeker: { wish: wishOf(spec, config.definitions), placed } };
}

/** The reasons against the last offer of each agent, in the order in which they are looked at. */
export function refusalsOf(found: Case): Refusal[] {
  return lastOffersSummary(found.entry.counters)
    .filter(({ declined }) => declined > 0)
    .map(({ reason, declined }) => ({ reason, agents: declined, detail: detailOf(reason, declined === 1, found) }));
}

/** The last offers that were left for this reason, as far as they are remembered. */
export function offersLeftFor(reason: Reason, { entry }: Case): Offer[] {
  return entry.unused.filter((unused) => unused.reason === reason).map(({ offer }) => offer);
}

export const SCALAR_OF = {
  InsufficientCpus: "cpus",
  InsufficientMemory: "mem",
  InsufficientDisk: "disk",
  InsufficientGpus: "gpus",
} as const satisfies Partial<Record<Reason, ScalarName>>;

export function isShortage(reason: Reason): reason is keyof typeof SCALAR_OF {
  return reason in SCALAR_OF;
}

/** Whether it is the disks of new volumes that lack, which are of kinds of their own and come on top of what its tasks take. */
export function isForVolumes(reason: Reason, { seeker }: Case): boolean {
  return reason === "InsufficientDisk" && seeker.wish.volumes.length > 0;
}

/** What one instance takes of it in all. */
export function needOf({ wish }: Seeker, name: ScalarName): number {
  return wish.parts.reduce((sum, part) => sum + part[name], 0);
}

/** What the offer has of it for this service. */
export function freeOn(offer: Offer, { wish }: Seeker, name: ScalarName): number {
  return amountOf(poolsFor(stockOf(offer), rolesOf(wish)), name) / 1000;
}

/** `["zone", "CLUSTER", "a"]`, as users write it. */
export function constraintText({ field, operator, value }: Constraint): string {
  return JSON.stringify(value === undefined ? [field, operator] : [field, operator, value]);
}

function rolesOf({ acceptedResourceRoles, role }: Seeker["wish"]): readonly string[] {
  return acceptedResourceRoles ?? [role, "*"];
}

function detailOf(reason: Reason, isOne: boolean, found: Case): string {
  const { wish } = found.seeker;
  if (isForVolumes(reason, found)) return `${isOne ? "has" : "have"} no room for its volumes: ${volumesText(found)}`;
  if (isShortage(reason)) return `${isOne ? "has" : "have"} too little: ${shortageText(reason, found)}`;
  switch (reason) {
    case "UnfulfilledRole":
      return `${isOne ? "has" : "have"} nothing for its roles (${rolesOf(wish).join(", ")})`;
    case "UnfulfilledConstraint":
      return `${isOne ? "does" : "do"} not fulfil ${constraintsText(found)}`;
    case "NoCorrespondingReservationFound":
      return `${isOne ? "has" : "have"} not the volume that is kept for it`;
    case "AgentMaintenance":
      return `${isOne ? "is" : "are"} in maintenance or near it`;
    case "InsufficientPorts":
      return `${isOne ? "has" : "have"} not the ports: ${portsText(found)}`;
    case "DeclinedScarceResources":
      return `${isOne ? "has" : "have"} gpus, which it does not ask for`;
  }
}

function volumesText({ seeker }: Case): string {
  const own = needOf(seeker, "disk");
  const sizes = seeker.wish.volumes.map(
    ({ type, sizeMiB }) => `${amountText("disk", sizeMiB)}${type === "root" ? "" : ` of type ${type}`}`,
  );
  return `it needs ${joined([...(own > 0 ? [amountText("disk", own)] : []), ...sizes])}`;
}

function shortageText(reason: keyof typeof SCALAR_OF, found: Case): string {
  const name = SCALAR_OF[reason];
  const offers = offersLeftFor(reason, found);
  const need = `it needs ${amountText(name, needOf(found.seeker, name))}`;
  if (offers.length === 0) return need;
  const most = Math.max(...offers.map((offer) => freeOn(offer, found.seeker, name)));
  return `${need}, the most that is free on one is ${amountText(name, most)}`;
}

function portsText({ seeker }: Case): string {
  const fixed = seeker.wish.ports.flatMap(({ hostPort }) => (hostPort ? [hostPort] : []));
  const any = seeker.wish.ports.filter(({ hostPort }) => hostPort === 0).length;
  const words = [...(fixed.length > 0 ? [fixed.join(", ")] : []), ...(any > 0 ? [`${any} of any number`] : [])];
  return `it needs ${words.join(" and ")}`;
}

// Those that failed on the remembered offers, each with the values that were there.
function constraintsText(found: Case): string {
  const values = new Map<string, Set<string>>();
  for (const offer of offersLeftFor("UnfulfilledConstraint", found)) {
    const failed = failedConstraint(found.seeker, offer);
    const text = failed === undefined ? "being in the region of the master" : constraintText(failed);
    const value = failed === undefined ? offer.domain?.fault_domain?.region.name : fieldValue(failed.field, offer);
    values.set(text, (values.get(text) ?? new Set()).add(value ?? "none"));
  }
  if (values.size === 0) return found.seeker.wish.constraints.map(constraintText).join(", ");
  return [...values].map(([text, there]) => `${text} (there: ${[...there].slice(0, 5).join(", ")})`).join(", ");
}
