import type { RunSpec } from "@meseta/api/marathon/group.ts";
import { toMilli } from "@meseta/api/mesos/resources/scalar.ts";
import { mostAlive } from "../capacity.ts";
import { instancesOf, isResident, upgradeStrategyOf } from "../definition/spec.ts";
import { definitionToLaunch, ownerOf } from "../fleet/lookup.ts";
import type { Delay } from "../instance/backoff.ts";
import type { Reservation, Wish } from "../place/wish.ts";
import type { Seeker } from "../place.ts";
import type { Need, QueueView } from "../queue.ts";
import { specAt } from "../spec.ts";
import type { InitState } from "../state.ts";
import { newReservation, wishOf } from "../wish.ts";

/** What the queue asks about its instances while one offer is filled. */
export class Seekers implements QueueView {
  readonly #state: InitState;
  readonly #reservations = new Map<string, Reservation>();

  constructor(state: InitState) {
    this.#state = state;
  }

  seekerOf(instanceId: string): Seeker | undefined {
    const state = this.#state;
    const service = ownerOf(state, instanceId);
    const instance = service?.instances.get(instanceId);
    if (service === undefined || instance === undefined) return undefined;
    const spec = definitionToLaunch(state, instance);
    if (spec === undefined) return undefined;
    const seeker = { wish: wishFor(state, spec), placed: service.tallies };
    if (instance.kept !== undefined) return { ...seeker, reservation: { ...instance.kept, isMade: true } };
    return isResident(spec) ? { ...seeker, reservation: this.#reserve(spec, instanceId) } : seeker;
  }

  delayOf(specId: string): Delay | undefined {
    return delayOf(this.#state, specId);
  }

  isHeld(specId: string): boolean {
    return this.#state.undecided.has(specId);
  }

  roomOf(specId: string): number {
    return roomOf(this.#state, specId);
  }

  needOf(specId: string): Need | undefined {
    const spec = specAt(this.#state.tree, specId);
    return spec && needFor(this.#state, spec);
  }

  /** What was proposed to be reserved for the instance. */
  reservationOf(instanceId: string): Reservation {
    return this.#reservations.get(instanceId)!;
  }

  #reserve(spec: RunSpec, instanceId: string): Seeker["reservation"] {
    const { config, master, random } = this.#state;
    const ids = { frameworkId: master.frameworkId!, instanceId };
    const reservation = newReservation(spec, ids, config.definitions, () => random.uuid());
    this.#reservations.set(instanceId, reservation);
    return { ...reservation, isMade: false };
  }
}

/**
 * How many of the service may be launched now. While some of it are ending, those that are launched again wait until no more live than its upgrade strategy
 * allows.
 */
export function roomOf({ services, tree }: Pick<InitState, "services" | "tree">, specId: string): number {
  const instances = services.get(specId)?.instances;
  const spec = specAt(tree, specId);
  if (instances === undefined || spec === undefined || instances.dying === 0) return Number.POSITIVE_INFINITY;
  return Math.max(0, mostAlive(instancesOf(spec), upgradeStrategyOf(spec), isResident(spec)) - instances.alive);
}

/** How long the next launch of the service waits: that of the first in its queue, who is launched with this or that definition. */
export function delayOf(state: Launching, specId: string): Delay | undefined {
  const first = state.queue.entryOf(specId)?.instances.values().next().value;
  const instance = first === undefined ? undefined : state.services.get(specId)?.instances.get(first);
  const spec = instance && definitionToLaunch(state, instance);
  return spec && state.backoff.delayOf(specId, spec.versionInfo.lastConfigChangeAt);
}

type Launching = Pick<InitState, "queue" | "services" | "tree" | "olderSpecs" | "deployments" | "backoff">;

// Definitions never change, so each is looked through once.
const WISHES = new WeakMap<RunSpec, Wish>();
const NEEDS = new WeakMap<RunSpec, Need>();

function needFor(state: InitState, spec: RunSpec): Need {
  let need = NEEDS.get(spec);
  if (need !== undefined) return need;
  const { parts } = wishFor(state, spec);
  const sumOf = (name: "cpus" | "mem") => parts.reduce((sum, part) => sum + toMilli(part[name]), 0);
  NEEDS.set(spec, (need = { cpusMilli: sumOf("cpus"), memMilli: sumOf("mem") }));
  return need;
}

function wishFor({ config }: InitState, spec: RunSpec): Wish {
  let wish = WISHES.get(spec);
  if (wish === undefined) WISHES.set(spec, (wish = wishOf(spec, config.definitions)));
  return wish;
}
