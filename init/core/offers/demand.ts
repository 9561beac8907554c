import { Timers } from "@meseta/lib/core/timers.ts";
import { definitionToLaunch } from "../fleet/lookup.ts";
import { launchableAtMs } from "../instance/backoff.ts";
import type { Instance } from "../instance/instance.ts";
import type { InitOut } from "../out.ts";
import type { InitState } from "../state.ts";
import { askClock } from "../wakes.ts";

/** For which roles offers are wanted. */
export interface Demand {
  /** The services with queued instances, by role, and the role of each. */
  readonly services: Map<string, Set<string>>;
  readonly roleOf: Map<string, string>;
  /** Roles for which there is something since offers were last asked for, so that those refused before are wanted again. */
  readonly isNew: Set<string>;
  /** Roles of which an offer was refused since then. */
  readonly refused: Set<string>;
  /** Services whose delay ends, by when. */
  readonly delayed: Timers<string>;
  /** Whether to look at roles at the end of this event. */
  isChanged: boolean;
  /** Until then no role is suppressed: what agents keep for nobody is looked for. */
  lookingUntilMs: number;
  /** How many offers have come since all were asked for again, and when that may be next. */
  offers: number;
  reviveFromMs: number;
  /** Until then one instance is launched with each call, since the master has refused one for several. */
  oneByOneUntilMs: number;
}

export function newDemand(): Demand {
  return {
    services: new Map(),
    roleOf: new Map(),
    isNew: new Set(),
    refused: new Set(),
    delayed: new Timers(),
    isChanged: false,
    lookingUntilMs: 0,
    offers: 0,
    reviveFromMs: 0,
    oneByOneUntilMs: 0,
  };
}

/** The instance waits for a launch. */
export function enqueue(state: InitState, instance: Instance, nowMs: number): void {
  const { spec } = instance;
  state.queue.add(spec, instance.id, nowMs);
  wantFor(state, instance);
  if (launchableAtMs(state.backoff.delayOf(spec, instance.configVersion)) <= nowMs) somethingIsNew(state, spec);
}

/** It does not wait any more. */
export function dequeue(state: InitState, spec: string, instanceId: string): void {
  state.queue.remove(spec, instanceId);
  wasTaken(state, spec);
}

/** Some instances of the service have left the queue, or are launched with another definition now: those that stay may be of another role than it was asked for last. */
export function wasTaken(state: InitState, spec: string): void {
  const { queue, demand, services } = state;
  if (!demand.roleOf.has(spec)) return;
  const next = queue.entryOf(spec)?.instances.values().next().value;
  if (next === undefined) return move(demand, spec, undefined);
  const instance = services.get(spec)?.instances.get(next);
  if (instance !== undefined && wantFor(state, instance)) somethingIsNew(state, spec);
}

function wantFor(state: InitState, instance: Instance): boolean {
  const role = definitionToLaunch(state, instance)?.role ?? instance.role;
  if (state.demand.roleOf.get(instance.spec) === role) return false;
  move(state.demand, instance.spec, role);
  return true;
}

/** What is queued of the service may find a place on what was refused before. */
export function somethingIsNew({ demand }: InitState, spec: string): void {
  const role = demand.roleOf.get(spec);
  if (role === undefined) return;
  demand.isNew.add(role);
  demand.isChanged = true;
}

/** An instance of the service has left its place. */
export function roomWasMade(state: InitState, spec: string): void {
  if (state.queue.entryOf(spec) !== undefined) somethingIsNew(state, spec);
}

/** Asks for offers where something new is wanted, and for none where nothing is. At the end of each event, so that many changes are one call. */
export function tellDemand(state: InitState, nowMs: number, out: InitOut): void {
  const { demand, master } = state;
  if (!demand.isChanged || !master.isConnected) return;
  demand.isChanged = false;
  const wanted = new Set([...master.roles].filter((role) => isWanted(state, role, nowMs)));
  suppress(
    state,
    [...master.roles].filter((role) => !wanted.has(role) && !master.suppressed.has(role)),
    out,
  );
  const stale = (role: string) => master.suppressed.has(role) || (demand.isNew.has(role) && demand.refused.has(role));
  const roles = [...wanted].filter(stale);
  for (const role of wanted) if (!stale(role)) demand.isNew.delete(role);
  if (roles.length === 0) return;
  // A clock that was set back does not make the rest longer.
  demand.reviveFromMs = Math.min(demand.reviveFromMs, nowMs + MOST_REST_MS);
  if (nowMs >= demand.reviveFromMs) return revive(state, roles, out);
  demand.isChanged = true;
  askClock(state, demand.reviveFromMs, out);
}

/** What was found since the last time that offers were asked for says how long it takes to look at them all: they are asked for again after a multiple of that. */
export function countOffers({ demand, queue }: InitState, offers: number, nowMs: number): void {
  demand.offers += offers;
  const restMs = demand.offers * (REST_MS_PER_OFFER + REST_MS_PER_LOOK * queue.size);
  demand.reviveFromMs = Math.max(demand.reviveFromMs, nowMs + Math.min(restMs, MOST_REST_MS));
}

const REST_MS_PER_OFFER = 0.2;
const REST_MS_PER_LOOK = 0.001;
const MOST_REST_MS = 5000;

/** To ask for offers came to nothing: when it is to be tried again, unless something else asks before. */
export function reviveLater({ demand, master }: InitState, roles: readonly string[], nowMs: number): number {
  master.suppressed = new Set([...master.suppressed, ...roles]);
  demand.isChanged = true;
  demand.reviveFromMs = nowMs + MOST_REST_MS;
  return demand.reviveFromMs;
}

function revive({ demand, master }: InitState, roles: string[], out: InitOut): void {
  const revived = new Set(roles);
  master.suppressed = new Set([...master.suppressed].filter((role) => !revived.has(role)));
  for (const role of roles) {
    demand.isNew.delete(role);
    demand.refused.delete(role);
  }
  demand.offers = 0;
  out.send({ type: "REVIVE", revive: { roles } });
}

function suppress({ master }: InitState, roles: string[], out: InitOut): void {
  if (roles.length === 0) return;
  master.suppressed = new Set([...master.suppressed, ...roles]);
  out.send({ type: "SUPPRESS", suppress: { roles } });
}

function isWanted({ demand, releases, isResting }: InitState, role: string, nowMs: number): boolean {
  if (isResting) return false;
  if (demand.services.has(role) || nowMs < demand.lookingUntilMs) return true;
  return releases.values().some((release) => release.role === role && nowMs < release.untilMs);
}

function move(demand: Demand, spec: string, role: string | undefined): void {
  const old = demand.roleOf.get(spec);
  if (old !== undefined) {
    const services = demand.services.get(old)!;
    services.delete(spec);
    if (services.size === 0) demand.services.delete(old);
  }
  demand.isChanged = true;
  if (role === undefined) return void demand.roleOf.delete(spec);
  demand.roleOf.set(spec, role);
  const services = demand.services.get(role) ?? new Set();
  demand.services.set(role, services.add(spec));
}
