import type { RunSpec } from "@meseta/api/marathon/group.ts";
import { recount, stop, withdraw } from "./deployment/actions.ts";
import type { DeploymentEffect, Fleet } from "./deployment.ts";
import { carryOut } from "./fleet/carry-out.ts";
import { moveAway } from "./fleet/departures.ts";
import { definitionOf } from "./fleet/lookup.ts";
import { dropService } from "./fleet/wanted.ts";
import type { Instance } from "./instance/instance.ts";
import { somethingIsNew, wasTaken } from "./offers/demand.ts";
import type { InitOut } from "./out.ts";
import { isFilledByOldOnes } from "./room.ts";
import { specAt } from "./spec.ts";
import type { InitState } from "./state.ts";
import { askSettle } from "./wakes.ts";

export { touch } from "./wakes.ts";

/**
 * Looks at all touched services at once: deployments go on, and services without one get the number that they want. What was decided is carried out over
 * as many events as it takes, since one event stores only so many records; only then the next decision is made.
 */
export function settle(state: InitState, nowMs: number, out: InitOut): void {
  if (state.settleAtMs === Number.POSITIVE_INFINITY) return;
  state.settleAtMs = Number.POSITIVE_INFINITY;
  if (isDone(state)) decide(state, nowMs, out);
  const { pending } = state;
  let starts = 0;
  while (!isDone(state) && out.puts.size + out.deletes.size < MOST_RECORDS && starts < MOST_STARTS) {
    const effect = pending.effects[pending.next++]!;
    if (effect.type === "start") starts += effect.create;
    carryOut(state, effect, nowMs, out);
  }
  if (isDone(state)) letLaunch(state);
  else state.restUntilMs = nowMs;
  if (!isDone(state) || state.touched.size > 0) askSettle(state, nowMs, out);
}

/** Those for whom it is decided and done how many instances are wanted may be launched again. */
function letLaunch(state: InitState): void {
  for (const id of state.undecided) {
    if (state.touched.has(id)) continue;
    state.undecided.delete(id);
    somethingIsNew(state, id);
  }
}

/** In one event; one instance changes one or two. */
const MOST_RECORDS = 100;
/** The same of new instances, which store nothing before they are launched. */
const MOST_STARTS = 2000;

/** To settle costs a tenth of the time, at some fifth of a microsecond for an instance. */
const REST_MS_PER_INSTANCE = 0.002;

function isDone({ pending }: InitState): boolean {
  return pending.next >= pending.effects.length;
}

function decide(state: InitState, nowMs: number, out: InitOut): void {
  const touched = new Set(state.touched);
  state.touched.clear();
  const fleet = new Looked(state, nowMs);
  const effects: DeploymentEffect[] = state.deployments.settle(fleet, nowMs, touched);
  for (const id of touched) if (!state.deployments.actsOn(id)) keepUp(state, fleet, id, effects, nowMs, out);
  for (const id of state.undecided) if (state.deployments.isAheadOf(id)) takeBack(state, fleet, id, effects);
  state.pending = { effects: effects.flatMap(inParts), next: 0 };
  state.restUntilMs = nowMs + Math.ceil(fleet.instances * REST_MS_PER_INSTANCE);
}

// Of a million instances that are to be started others would wait for seconds.
function inParts(effect: DeploymentEffect): DeploymentEffect | DeploymentEffect[] {
  if (effect.type !== "start" || effect.create <= MOST_STARTS) return effect;
  const parts: DeploymentEffect[] = [{ ...effect, create: MOST_STARTS }];
  for (let left = effect.create - MOST_STARTS; left > 0; left -= MOST_STARTS)
    parts.push({ ...effect, resume: [], create: Math.min(left, MOST_STARTS) });
  return parts;
}

// A service that nobody wants and of which nothing is left is forgotten.
function keepUp(
  state: InitState,
  fleet: Fleet,
  id: string,
  effects: DeploymentEffect[],
  nowMs: number,
  out: InitOut,
): void {
  const spec = specAt(state.tree, id);
  const instances = fleet.of(id);
  // Who waited for a deployment waits for what is wanted now, maybe by another role.
  wasTaken(state, id);
  const moves = spec && moveAway(state, spec, instances, nowMs);
  for (const effect of moves ?? wantedOf(spec, instances, fleet)) effects.push(effect);
  if (spec === undefined && instances.length === 0) dropService(state, id, out);
}

function takeBack(state: InitState, fleet: Fleet, id: string, effects: DeploymentEffect[]): void {
  const spec = specAt(state.tree, id);
  if (spec !== undefined) effects.push(...withdraw(spec, fleet.of(id)));
}

function wantedOf(spec: RunSpec | undefined, instances: readonly Instance[], fleet: Fleet) {
  if (spec === undefined) return stop(instances).effects;
  return recount(spec, instances, (one) => fleet.definitionOf?.(one) ?? spec);
}

/** The instances, counting how many were looked at. */
class Looked implements Fleet {
  instances = 0;
  readonly #state: InitState;
  readonly #nowMs: number;

  constructor(state: InitState, nowMs: number) {
    this.#state = state;
    this.#nowMs = nowMs;
  }

  of(spec: string): readonly Instance[] {
    const service = this.#state.services.get(spec);
    if (service === undefined) return [];
    this.instances += service.instances.size;
    return [...service.instances.values()];
  }

  definitionOf(instance: Instance): RunSpec | undefined {
    return definitionOf(this.#state, instance);
  }

  isHindered(spec: RunSpec): boolean {
    return isFilledByOldOnes(this.#state, spec, this.#nowMs);
  }
}
