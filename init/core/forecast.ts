import type { RunSpec } from "@meseta/api/marathon/group.ts";
import type { Offer } from "@meseta/api/mesos/generated/mesos.ts";
import type { Random } from "@meseta/lib/core/random.ts";
import type { Settings as DefinitionSettings } from "./definition/settings.ts";
import { constraintsOf, instancesOf, isResident } from "./definition/spec.ts";
import { fillOffer, type Queued } from "./fill.ts";
import { type Instance, placesOf } from "./instance/instance.ts";
import type { Reason } from "./place/reason.ts";
import { Tallies } from "./place/tally.ts";
import type { Seeker, Settings } from "./place.ts";
import type { Plan } from "./plan.ts";
import { newReservation, wishOf } from "./wish.ts";

/** Where the instances that a plan launches for one app or pod would land, if nothing else changed. */
export interface Forecast {
  readonly id: string;
  /** How many are launched. */
  readonly launches: number;
  /** In the order in which the agents were offered. */
  readonly places: readonly { readonly agentId: string; readonly host: string; readonly count: number }[];
  /** How many find no place, and on how many agents which reason came first. */
  readonly unplaced: number;
  readonly reasons: Readonly<Partial<Record<Reason, number>>>;
}

export interface ForecastSettings {
  readonly definitions: DefinitionSettings;
  readonly placement: Settings;
}

/**
 * What `place` makes of the offers that init would get, for all instances that the plan launches: all of a restart, what is missing of a scaling. What
 * ends on the way is not taken as free, since new instances mostly come before old ones go.
 */
export function forecast(
  plan: Plan,
  offers: readonly Offer[],
  instancesOfId: (id: string) => Iterable<Instance>,
  settings: ForecastSettings,
  random: Random,
  nowMs: number,
): Forecast[] {
  const seekers = plan.steps.flatMap(({ actions }) =>
    actions.flatMap((action) => {
      const spec = plan.changes[action.id]?.after;
      if (spec === undefined || action.kind === "stop" || action.kind === "start") return [];
      return new Party(spec, action.kind, [...instancesOfId(action.id)], settings.definitions);
    }),
  );
  const limits = { mostInstances: Number.POSITIVE_INFINITY, settings: settings.placement };
  for (const offer of offers) {
    const asked = seekers.filter(({ role }) => role === (offer.allocation_info?.role ?? role));
    const { matches, rejections } = fillOffer(offer, asked, limits, random, nowMs);
    for (const { key } of matches) key.put(offer);
    for (const { key, reason } of rejections) key.refuse(reason);
  }
  return seekers.map((party) => party.forecast());
}

/** The instances of one app or pod that seek a place. */
class Party implements Queued<Party, undefined> {
  readonly key = this;
  readonly role: string;
  readonly #id: string;
  readonly #seeker: Seeker;
  readonly #launches: number;
  readonly #places = new Map<string, { agentId: string; host: string; count: number }>();
  readonly #reasons: Partial<Record<Reason, number>> = {};
  #placed = 0;
  /** Given out by `next`, of the offer that is filled now. */
  #asked = 0;

  constructor(spec: RunSpec, kind: "scale" | "restart", present: readonly Instance[], settings: DefinitionSettings) {
    this.#id = spec.id;
    this.role = spec.role;
    const running = present.filter(({ goal }) => goal === "Running").length;
    this.#launches = kind === "restart" ? instancesOf(spec) : Math.max(0, instancesOf(spec) - running);
    const placed = new Tallies(constraintsOf(spec).map(({ fieldName }) => fieldName));
    for (const places of present.map(placesOf)) if (places !== undefined) placed.add(places);
    this.#seeker = { wish: wishOf(spec, settings), placed, ...reservationFor(spec, settings) };
  }

  next(): { item: undefined; seeker: Seeker } | undefined {
    if (this.#asked >= this.#launches) return undefined;
    this.#asked++;
    return { item: undefined, seeker: this.#seeker };
  }

  put({ agent_id, hostname }: Offer): void {
    const place = this.#places.get(agent_id.value) ?? { agentId: agent_id.value, host: hostname, count: 0 };
    place.count++;
    this.#places.set(agent_id.value, place);
    this.#asked = ++this.#placed;
  }

  refuse(reason: Reason): void {
    this.#reasons[reason] = (this.#reasons[reason] ?? 0) + 1;
    this.#asked = this.#placed;
  }

  forecast(): Forecast {
    return {
      id: this.#id,
      launches: this.#launches,
      places: [...this.#places.values()],
      unplaced: this.#launches - this.#placed,
      reasons: this.#reasons,
    };
  }
}

// Whether a volume of its size fits is the same for each instance, so one reservation speaks for all.
function reservationFor(spec: RunSpec, settings: DefinitionSettings): Pick<Seeker, "reservation"> {
  if (!isResident(spec)) return {};
  let next = 0;
  const ids = { frameworkId: "forecast", instanceId: "forecast" };
  return { reservation: { ...newReservation(spec, ids, settings, () => `forecast-${next++}`), isMade: false } };
}
