import type { RunSpec } from "@meseta/api/marathon/group.ts";
import { instancesOf, isResident, killSelectionOf, upgradeStrategyOf } from "../definition/spec.ts";
import type { Goal, Instance } from "../instance/instance.ts";
import { beginRestart, grantKill, type Replicas, type Restart, type RestartStep, stepRestart } from "../restart.ts";
import { planScale, scaleWaitsFor } from "../scale.ts";
import { groupByOf } from "../spec.ts";
import { candidateOf, isDying, isGood, isHealthy, isUpToDate } from "./standing.ts";

/** What an action wants of the instances. */
export type ActionEffect =
  | { readonly type: "goal"; readonly instanceId: string; readonly goal: Goal }
  /** Bring so many more to run: those that rest with their volumes, named, and new ones. All with this definition. */
  | { readonly type: "start"; readonly spec: RunSpec; readonly resume: readonly string[]; readonly create: number }
  /** Failures of before count no more. */
  | { readonly type: "clear-delay"; readonly spec: string };

export interface ActionResult {
  readonly effects: readonly ActionEffect[];
  readonly isDone: boolean;
}

/** All instances are to go; done when none is left. */
export function stop(instances: readonly Instance[]): ActionResult {
  const left = instances.filter(({ goal }) => goal !== "Decommissioned");
  return {
    effects: left.map(({ id }) => ({ type: "goal", instanceId: id, goal: "Decommissioned" })),
    isDone: instances.length === 0,
  };
}

/** What a scaling must remember over a crash. */
export interface ScaleBegin {
  readonly atMs: number;
  readonly waitsFor: number;
}

export function beginScale(spec: RunSpec, instances: readonly Instance[], nowMs: number): ScaleBegin {
  return { atMs: nowMs, waitsFor: scaleWaitsFor(instancesOf(spec), wanted(instances).map(candidateOf)) };
}

/** Brings the service to its number: kills first, and when those are over, starts; done when as many new ones are good as were missing at the beginning. */
export function scale(
  spec: RunSpec,
  begin: ScaleBegin,
  instances: readonly Instance[],
  victims: readonly string[] | undefined,
): ActionResult {
  const wish = {
    target: instancesOf(spec),
    victims,
    killSelection: killSelectionOf(spec),
    groupBy: groupByOf(spec),
  };
  const { kill, starts } = planScale(wish, wanted(instances).map(candidateOf));
  const effects: ActionEffect[] = kill.map(({ id }) => ({ type: "goal", instanceId: id, goal: goalOfKill(spec) }));
  const isSettled = kill.length === 0 && !instances.some(isDying);
  if (isSettled && starts > 0) effects.push(startOf(spec, starts, instances));
  const fresh = wanted(instances).filter((one) => isFresh(one, spec, begin.atMs) && isGood(one, spec)).length;
  return { effects, isDone: isSettled && starts === 0 && fresh >= Math.min(begin.waitsFor, wish.target) };
}

/**
 * What keeps the number right while no deployment acts on the service: surplus ones go, as when an unreachable one has come back after it was replaced,
 * and missing ones are started.
 */
export function recount(spec: RunSpec, instances: readonly Instance[]): ActionEffect[] {
  return [...scale(spec, { atMs: 0, waitsFor: 0 }, instances, undefined).effects];
}

/** What a restart remembers; after a crash it begins anew, and knows the new instances by their version. */
export interface RestartRun {
  restart: Restart;
  /** New ones that were good once, and so have allowed a kill. */
  readonly good: Set<string>;
}

export function beginRun(spec: RunSpec, before: RunSpec | undefined, instances: readonly Instance[]): RestartRun {
  const now = countReplicas(spec, before, instances);
  const good = new Set(
    newOnes(spec, instances)
      .filter((one) => isGood(one, spec))
      .map(({ id }) => id),
  );
  return { restart: beginRestart(instancesOf(spec), upgradeStrategyOf(spec), isResident(spec), now), good };
}

/** Replaces old instances by new ones within the bounds of the upgrade strategy. */
export function restart(
  spec: RunSpec,
  before: RunSpec | undefined,
  run: RestartRun,
  instances: readonly Instance[],
): ActionResult {
  for (const { id } of newOnes(spec, instances).filter((one) => isGood(one, spec))) {
    if (run.good.has(id)) continue;
    run.good.add(id);
    run.restart = grantKill(run.restart);
  }
  const [step, next] = stepRestart(run.restart, countReplicas(spec, before, instances));
  run.restart = next;
  const effects: ActionEffect[] = chooseKills(spec, before, step, instances);
  if (step.launch > 0) effects.push(startOf(spec, step.launch, instances));
  return { effects, isDone: step.isDone };
}

function wanted(instances: readonly Instance[]): Instance[] {
  return instances.filter(({ goal }) => goal === "Running");
}

function newOnes(spec: RunSpec, instances: readonly Instance[]): Instance[] {
  return wanted(instances).filter((one) => isUpToDate(one, spec));
}

interface OldOnes {
  readonly queued: readonly Instance[];
  readonly healthy: readonly Instance[];
  readonly unhealthy: readonly Instance[];
}

function oldOnes(spec: RunSpec, before: RunSpec | undefined, instances: readonly Instance[]): OldOnes {
  const old = wanted(instances).filter((one) => !isUpToDate(one, spec));
  const [queued, launched] = [old.filter(isScheduled), old.filter((one) => !isScheduled(one))];
  const isWell = (one: Instance) => isHealthy(one, before ?? spec);
  return { queued, healthy: launched.filter(isWell), unhealthy: launched.filter((one) => !isWell(one)) };
}

function isScheduled({ condition }: Instance): boolean {
  return condition === "Scheduled";
}

function countReplicas(spec: RunSpec, before: RunSpec | undefined, instances: readonly Instance[]): Replicas {
  const { queued, healthy, unhealthy } = oldOnes(spec, before, instances);
  const fresh = newOnes(spec, instances);
  return {
    oldQueued: queued.length,
    oldHealthy: healthy.length,
    oldUnhealthy: unhealthy.length,
    oldDying: instances.filter(isDying).length,
    newStarted: fresh.length,
    newGood: fresh.filter((one) => isGood(one, spec)).length,
  };
}

function chooseKills(
  spec: RunSpec,
  before: RunSpec | undefined,
  step: RestartStep,
  instances: readonly Instance[],
): ActionEffect[] {
  const { queued, healthy, unhealthy } = oldOnes(spec, before, instances);
  const surplus = planScale(
    { target: newOnes(spec, instances).length - step.killNew, killSelection: killSelectionOf(spec) },
    step.killNew === 0 ? [] : newOnes(spec, instances).map(candidateOf),
  ).kill;
  const chosen = [
    ...queued.slice(0, step.cancelQueued),
    ...unhealthy.slice(0, step.killUnhealthy),
    ...healthy.slice(0, step.killHealthy),
    ...surplus,
  ];
  return chosen.map(({ id }) => ({ type: "goal", instanceId: id, goal: goalOfKill(spec) }));
}

// A resident one keeps its volume, for the next that is started.
function goalOfKill(spec: RunSpec): Goal {
  return isResident(spec) ? "Stopped" : "Decommissioned";
}

function startOf(spec: RunSpec, count: number, instances: readonly Instance[]): ActionEffect {
  const resting = instances.filter((one) => one.goal === "Stopped" && !isDying(one)).slice(0, count);
  return { type: "start", spec, resume: resting.map(({ id }) => id), create: count - resting.length };
}

function isFresh(instance: Instance, spec: RunSpec, atMs: number): boolean {
  return instance.createdMs >= atMs || (isResident(spec) && (instance.stagedAtMs ?? 0) >= atMs);
}
