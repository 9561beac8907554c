import type { RunSpec } from "@meseta/api/marathon/group.ts";
import { isResident } from "../definition/spec.ts";
import { beginRun, type RestartRun, restart } from "../deployment/actions.ts";
import type { DeploymentEffect } from "../deployment.ts";
import { isUnreachable } from "../instance/condition.ts";
import type { Instance } from "../instance/instance.ts";
import type { InitOut } from "../out.ts";
import type { InitState } from "../state.ts";
import { touch } from "../wakes.ts";
import { definitionOf } from "./lookup.ts";

/** An agent that is to go, as the master said when it last asked for its resources back. Times are ms since 1970. Not stored: the master asks again. */
export interface Departure {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly askedMs: number;
  /** Whether nothing stays there: volumes cannot move. */
  readonly isFree: boolean;
}

/** Agents that are to go, and the services that move away from them now. */
export interface Departures {
  readonly agents: Map<string, Departure>;
  readonly moves: Map<string, RestartRun>;
}

/** How long an answer to the master counts; it asks again after that, while anything of ours is there. */
export const ASKED_EVERY_MS = 60_000;

/**
 * What moves the service's instances away from agents that are to go: new ones elsewhere and old ones away, within the bounds of its upgrade strategy, as in a
 * restart of these few. Undefined when there is none to move. Only in maintenance mode, since otherwise new ones could be launched there again.
 */
export function moveAway(
  state: InitState,
  spec: RunSpec,
  instances: readonly Instance[],
  nowMs: number,
): readonly DeploymentEffect[] | undefined {
  const { agents, moves } = state.departures;
  if (agents.size === 0 || isResident(spec)) return stay(moves, spec.id);
  const leaving = new Map(instances.flatMap((one) => (goesNow(state, one, nowMs) ? [[one.id, one]] : [])));
  if (leaving.size === 0) return stay(moves, spec.id);
  // As a restart tells them apart: by the version of their configuration.
  const present = instances.filter(({ condition }) => condition !== "UnreachableInactive");
  const { lastConfigChangeAt } = spec.versionInfo;
  const marked = present.map((one) => ({ ...one, configVersion: leaving.has(one.id) ? "" : lastConfigChangeAt }));
  const own = ({ id }: Instance) => definitionOf(state, leaving.get(id)!) ?? spec;
  const run = moves.get(spec.id) ?? beginRun(spec, own, marked);
  moves.set(spec.id, run);
  return restart(spec, own, run, marked, () => false).effects;
}

/** Forgets agents of which the master does not speak any more, and has the services looked at that were on their way. */
export function forgetDepartures(state: InitState, nowMs: number, out: InitOut): void {
  const { agents, moves } = state.departures;
  for (const [id, { askedMs }] of agents) if (nowMs > askedMs + 3 * ASKED_EVERY_MS) agents.delete(id);
  for (const id of moves.keys()) touch(state, id, nowMs, out);
}

/** Whether the instance is to leave its agent now. */
export function isLeaving(state: Pick<InitState, "config" | "departures">, instance: Instance, nowMs: number): boolean {
  const departure = state.departures.agents.get(instance.host?.agent_id.value ?? "");
  const { maintenance } = state.config.placement;
  if (departure === undefined || maintenance === undefined) return false;
  return departure.fromMs - maintenance.drainingMs <= nowMs && nowMs < departure.untilMs;
}

function stay(moves: Departures["moves"], id: string): undefined {
  moves.delete(id);
}

function goesNow(state: InitState, instance: Instance, nowMs: number): boolean {
  return instance.goal === "Running" && !isUnreachable(instance.condition) && isLeaving(state, instance, nowMs);
}
