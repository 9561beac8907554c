import type { RunSpec } from "@meseta/api/marathon/group.ts";
import { instancesOf, isResident, killSelectionOf, upgradeStrategyOf } from "../definition/spec.ts";
import type { Goal, Instance } from "../instance/instance.ts";
import { beginRestart, grantKill, type Replicas, type Restart, type RestartStep, stepRestart } from "../restart.ts";
import { planScale, scaleCounts, scaleWaitsFor } from "../scale.ts";
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
  const candidates = wanted(instances).map((one) => candidateOf(one, spec));
  return { atMs: nowMs, waitsFor: scaleWaitsFor(instancesOf(spec), candidates) };
}

/**
 * Brings the service to its number: kills first, and when those are over, starts; done when as many new ones are good as were missing at the beginning. Which are
 * new is told by the clock, which may have been set back: so it is done as well when all are good.
 */
export function scale(
  spec: RunSpec,
  begin: ScaleBegin,
  instances: readonly Instance[],
  victims: readonly string[] | undefined,
  own: DefinitionOf = () => spec,
): ActionResult {
  const target = instancesOf(spec);
  const { counted, named, dying, fresh, good } = countForScale(spec, begin, instances, new Set(victims));
  const { kills, starts } = scaleCounts(target, counted, named);
  const effects = kills === 0 ? [] : killsOf(spec, target, wanted(instances), own, victims);
  const isSettled = kills === 0 && dying === 0;
  if (isSettled && starts > 0) effects.push(startOf(spec, starts, instances));
  return {
    effects,
    isDone: isSettled && starts === 0 && (fresh >= Math.min(begin.waitsFor, target) || good >= target),
  };
}

// One pass, because a service may have a hundred thousand instances, and most of the time there is nothing to choose.
function countForScale(spec: RunSpec, begin: ScaleBegin, instances: readonly Instance[], victims: ReadonlySet<string>) {
  const sums = { counted: 0, named: 0, dying: 0, fresh: 0, good: 0 };
  for (const instance of instances) {
    if (isDying(instance)) sums.dying++;
    if (instance.goal !== "Running") continue;
    if (isFresh(instance, spec, begin.atMs) && isGood(instance, spec)) sums.fresh++;
    if (instance.condition === "UnreachableInactive") continue;
    sums.counted++;
    if (isGood(instance, spec)) sums.good++;
    if (victims.has(instance.id)) sums.named++;
  }
  return sums;
}

function killsOf(
  spec: RunSpec,
  target: number,
  instances: readonly Instance[],
  own: DefinitionOf,
  victims?: readonly string[],
): ActionEffect[] {
  const wish = { target, victims, killSelection: killSelectionOf(spec), groupBy: groupByOf(spec) };
  const candidates = instances.map((one) => candidateOf(one, own(one)));
  return planScale(wish, candidates).kill.map(({ id }) => killOf(spec, id));
}

/** Of more instances than are wanted those that only wait for a launch need not wait until a deployment comes to the service. */
export function withdraw(spec: RunSpec, instances: readonly Instance[]): ActionEffect[] {
  const counted = wanted(instances).filter(({ condition }) => condition !== "UnreachableInactive");
  const queued = counted.filter(({ condition }) => condition === "Scheduled");
  return queued.slice(0, Math.max(0, counted.length - instancesOf(spec))).map(({ id }) => killOf(spec, id));
}

// A resident one keeps its volume, for the next that is started.
function killOf(spec: RunSpec, instanceId: string): ActionEffect {
  return { type: "goal", instanceId, goal: isResident(spec) ? "Stopped" : "Decommissioned" };
}

/**
 * What keeps the number right while no deployment acts on the service: surplus ones go, as when an unreachable one has come back after it was replaced,
 * and missing ones are started.
 */
export function recount(spec: RunSpec, instances: readonly Instance[], own?: DefinitionOf): ActionEffect[] {
  return [...scale(spec, { atMs: 0, waitsFor: 0 }, instances, undefined, own).effects];
}

/** What an instance was launched with: its checks are that one's, of whatever version it is. */
export type DefinitionOf = (instance: Instance) => RunSpec;

/** What a restart remembers; after a crash it begins anew, and knows the new instances by their version. */
export interface RestartRun {
  restart: Restart;
  /** New ones that were good once, and so have allowed a kill. */
  readonly good: Set<string>;
}

/** `before`: how many were wanted until now. */
export function beginRun(
  spec: RunSpec,
  own: DefinitionOf,
  instances: readonly Instance[],
  before: number = instancesOf(spec),
): RestartRun {
  const now = countReplicas(spec, own, instances);
  const good = new Set(
    newOnes(spec, instances)
      .filter((one) => isGood(one, spec))
      .map(({ id }) => id),
  );
  return { restart: beginRestart(instancesOf(spec), upgradeStrategyOf(spec), isResident(spec), now, before), good };
}

/** Replaces old instances by new ones within the bounds of the upgrade strategy. `isHindered`: whether old ones are where queued new ones could be. */
export function restart(
  spec: RunSpec,
  own: DefinitionOf,
  run: RestartRun,
  instances: readonly Instance[],
  isHindered: () => boolean,
): ActionResult {
  for (const instance of instances) {
    if (instance.goal !== "Running" || run.good.has(instance.id)) continue;
    if (!isUpToDate(instance, spec) || !isGood(instance, spec)) continue;
    run.good.add(instance.id);
    run.restart = grantKill(run.restart);
  }
  const [step, next] = stepRestart(run.restart, countReplicas(spec, own, instances), isHindered);
  run.restart = next;
  const effects: ActionEffect[] = chooseKills(spec, own, step, instances);
  if (step.launch > 0) effects.push(startOf(spec, step.launch, instances));
  return { effects, isDone: step.isDone };
}

function wanted(instances: readonly Instance[]): Instance[] {
  return instances.filter(({ goal }) => goal === "Running");
}

function newOnes(spec: RunSpec, instances: readonly Instance[]): Instance[] {
  return wanted(instances).filter((one) => isUpToDate(one, spec));
}

/** What an instance counts as in a restart. */
function standingOf(instance: Instance, spec: RunSpec, own: DefinitionOf): keyof Replicas | undefined {
  if (instance.goal !== "Running") return isDying(instance) ? "oldDying" : undefined;
  if (isUpToDate(instance, spec)) return "newStarted";
  if (instance.condition === "Scheduled") return "oldQueued";
  return isHealthy(instance, own(instance)) ? "oldHealthy" : "oldUnhealthy";
}

function countReplicas(spec: RunSpec, own: DefinitionOf, instances: readonly Instance[]): Replicas {
  const counts = { oldQueued: 0, oldHealthy: 0, oldUnhealthy: 0, oldDying: 0, newStarted: 0, newGood: 0 };
  for (const instance of instances) {
    const standing = standingOf(instance, spec, own);
    if (standing === undefined) continue;
    counts[standing]++;
    if (standing === "newStarted" && isGood(instance, spec)) counts.newGood++;
  }
  return counts;
}

function chooseKills(
  spec: RunSpec,
  own: DefinitionOf,
  step: RestartStep,
  instances: readonly Instance[],
): ActionEffect[] {
  const left = { oldQueued: step.cancelQueued, oldUnhealthy: step.killUnhealthy, oldHealthy: step.killHealthy };
  const effects: ActionEffect[] = [];
  if (left.oldQueued + left.oldUnhealthy + left.oldHealthy > 0)
    for (const instance of instances) {
      const standing = standingOf(instance, spec, own) as keyof typeof left | undefined;
      if (standing === undefined || !(left[standing] > 0)) continue;
      left[standing]--;
      effects.push(killOf(spec, instance.id));
    }
  if (step.killNew === 0) return effects;
  const fresh = newOnes(spec, instances);
  return [...effects, ...killsOf(spec, fresh.length - step.killNew, fresh, own)];
}

function startOf(spec: RunSpec, count: number, instances: readonly Instance[]): ActionEffect {
  const resting = instances.filter((one) => one.goal === "Stopped" && !isDying(one)).slice(0, count);
  return { type: "start", spec, resume: resting.map(({ id }) => id), create: count - resting.length };
}

function isFresh(instance: Instance, spec: RunSpec, atMs: number): boolean {
  return instance.createdMs >= atMs || (isResident(spec) && (instance.stagedAtMs ?? 0) >= atMs);
}
