import { isTerminal, isUnreachable } from "./condition.ts";
import type { Definition, Goal, Instance } from "./instance.ts";
import type { InstanceEffect, Outcome } from "./life.ts";

/** Somebody wants something else of the instance. Of one that is to be removed nothing else can be wanted. */
export function setGoal(instance: Instance, goal: Goal, nowMs: number, definition?: Definition): Outcome {
  if (instance.goal === goal || instance.goal === "Decommissioned") return { instance, effects: [] };
  if (goal === "Running") return resume({ ...instance, ...definition, goal }, nowMs);
  const next = { ...instance, goal };
  const effects: InstanceEffect[] = isWaiting(instance) ? [{ type: "unqueue" }] : [];
  if (isAlive(instance)) return end(next, effects);
  return goal === "Decommissioned" ? remove(next, effects) : { instance: next, effects };
}

/** Its tasks are to end, as far as there are any; its goal stays. */
export function endLaunch(instance: Instance): Outcome {
  return { instance, effects: isAlive(instance) ? [{ type: "kill", why: "asked" }] : [] };
}

/** The same because its checks fail: then the next launch waits longer, as after any failure. */
export function endUnhealthy(instance: Instance): Outcome {
  const { effects } = endLaunch(instance);
  return { instance, effects: effects.length === 0 ? [] : [...effects, { type: "delay", change: "raise" }] };
}

/** Its record goes, and what was kept for it is given back. */
export function remove(instance: Instance, effects: readonly InstanceEffect[] = []): Outcome {
  const { kept } = instance;
  return { instance: undefined, effects: kept === undefined ? effects : [...effects, { type: "release", kept }] };
}

/** It waits for another launch: where its volume is, or anywhere. */
export function reschedule(instance: Instance, effects: readonly InstanceEffect[], nowMs: number): Outcome {
  const { host: _, hostPorts: _ports, startedAtMs: _started, stagedAtMs: _staged, ...rest } = instance;
  const next: Instance = {
    ...rest,
    condition: "Scheduled",
    sinceMs: nowMs,
    incarnation: instance.incarnation + 1,
    tasks: {},
    unreachableSinceMs: undefined,
    isHealthy: undefined,
    isReady: undefined,
  };
  const changed: InstanceEffect = { type: "changed", from: instance.condition, to: "Scheduled" };
  return { instance: next, effects: [...effects, changed, { type: "queue" }] };
}

function resume(instance: Instance, nowMs: number): Outcome {
  if (isAlive(instance)) return { instance, effects: [] };
  return isWaiting(instance) ? { instance, effects: [{ type: "queue" }] } : reschedule(instance, [], nowMs);
}

// Nobody can tell an unreachable task to end, so waiting for it would be for ever. Should it come back, it is unknown, and killed.
function end(instance: Instance, effects: InstanceEffect[]): Outcome {
  if (isUnreachable(instance.condition) && instance.goal === "Decommissioned") return remove(instance, effects);
  return { instance, effects: [...effects, { type: "kill", why: "goal" }] };
}

function isWaiting({ condition, goal }: Instance): boolean {
  return condition === "Scheduled" && goal !== "Decommissioned";
}

function isAlive({ condition, tasks }: Instance): boolean {
  return (
    Object.keys(tasks).length > 0 &&
    !(isTerminal(condition) && Object.values(tasks).every((task) => isTerminal(task.condition)))
  );
}
