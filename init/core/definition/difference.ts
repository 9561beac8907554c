import type { App } from "@meseta/api/marathon/app.ts";
import type { RunSpec } from "@meseta/api/marathon/group.ts";
import type { Pod } from "@meseta/api/marathon/pod.ts";
import { isPod, upgradeStrategyOf } from "./spec.ts";

/**
 * What a change asks of the instances: nothing, because no field differs; nothing, because only such fields do as no running task notices; another
 * number of them; new ones in the place of all. A change of light fields and of the number is `scale`.
 */
export type Difference = "none" | "light" | "scale" | "restart";

type Effects<T> = Readonly<Record<keyof T, Difference>>;

/**
 * What changing a field asks for. Marathon restarts all instances for each of these but the number, so for a label too. Here a label is light: tasks keep
 * the one that they were started with until they are replaced. To make another field so is to change its word.
 */
const APP_EFFECTS: Effects<App> = {
  id: "none",
  version: "none",
  versionInfo: "none",
  instances: "scale",
  labels: "light",
  autoscale: "light",
  cmd: "restart",
  args: "restart",
  user: "restart",
  env: "restart",
  cpus: "restart",
  mem: "restart",
  disk: "restart",
  gpus: "restart",
  resourceLimits: "restart",
  executor: "restart",
  executorResources: "restart",
  constraints: "restart",
  acceptedResourceRoles: "restart",
  fetch: "restart",
  requirePorts: "restart",
  container: "restart",
  healthChecks: "restart",
  check: "restart",
  taskKillGracePeriodSeconds: "restart",
  networks: "restart",
  portDefinitions: "restart",
  role: "restart",
  secrets: "restart",
  tty: "restart",
  backoffSeconds: "restart",
  backoffFactor: "restart",
  maxLaunchDelaySeconds: "restart",
  upgradeStrategy: "restart",
  unreachableStrategy: "restart",
  killSelection: "restart",
  dependencies: "restart",
  readinessChecks: "restart",
  residency: "restart",
};

const POD_EFFECTS: Effects<Pod> = {
  id: "none",
  version: "none",
  versionInfo: "none",
  scaling: "scale",
  labels: "light",
  user: "restart",
  environment: "restart",
  secrets: "restart",
  role: "restart",
  containers: "restart",
  volumes: "restart",
  networks: "restart",
  executorResources: "restart",
  linuxInfo: "restart",
  legacySharedCgroups: "restart",
  scheduling: "restart",
};

const ORDER: readonly Difference[] = ["none", "light", "scale", "restart"];

/** What going from one definition to the other asks for: the most that any field does; versions do not count. An app in the place of a pod is a restart. */
export function differenceOf(before: RunSpec, after: RunSpec): Difference {
  if (before === after) return "none";
  const difference = fieldsDifference(withoutDeadline(before), withoutDeadline(after));
  const isDeadlineSame = upgradeStrategyOf(before).deadlineSeconds === upgradeStrategyOf(after).deadlineSeconds;
  return difference === "none" && !isDeadlineSame ? "light" : difference;
}

/** Whether both are the same JSON, whatever the order of keys; a key that is undefined counts as absent. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => isSame(a[name as keyof typeof a], b[name as keyof typeof b]));
}

function fieldsDifference(before: RunSpec, after: RunSpec): Difference {
  if (isPod(before) !== isPod(after)) return "restart";
  if (!isPod(before) || !isPod(after)) return mostOf(APP_EFFECTS, before as App, after as App);
  return mostOf(POD_EFFECTS, before, after);
}

function mostOf<T extends object>(effects: Effects<T>, before: T, after: T): Difference {
  let most: Difference = "none";
  for (const field of Object.keys(effects) as (keyof T)[]) {
    const effect = effects[field];
    if (ORDER.indexOf(effect) > ORDER.indexOf(most) && !isSame(before[field], after[field])) most = effect;
  }
  return most;
}

// The deadline stands in a field that restarts, but no task notices it.
function withoutDeadline<T extends RunSpec>(spec: T): T {
  const { deadlineSeconds, ...upgrade } = upgradeStrategyOf(spec);
  if (deadlineSeconds === undefined) return spec;
  return isPod(spec) ? { ...spec, scheduling: { ...spec.scheduling, upgrade } } : { ...spec, upgradeStrategy: upgrade };
}
