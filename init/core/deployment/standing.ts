import type { RunSpec } from "@meseta/api/marathon/group.ts";
import { isPod } from "../definition/spec.ts";
import { type Instance, isHolding } from "../instance/instance.ts";
import { hasReadiness } from "../spec.ts";
import type { Candidate } from "../victims.ts";

/** Whether it runs, and its checks, if its definition has any, say that it is well. */
export function isHealthy(instance: Instance, spec: RunSpec): boolean {
  if (instance.condition !== "Running") return false;
  return hasHealthChecks(spec) ? instance.isHealthy === true : instance.isHealthy !== false;
}

/** Healthy, and ready where the definition asks for that. */
export function isGood(instance: Instance, spec: RunSpec): boolean {
  return isHealthy(instance, spec) && (!hasReadiness(spec) || instance.isReady === true);
}

/** Whether it was launched, or is to be, with what the definition says now. */
export function isUpToDate(instance: Instance, spec: RunSpec): boolean {
  return instance.configVersion === spec.versionInfo.lastConfigChangeAt;
}

/** Whether it was told to go and still holds resources that will come free. */
export function isDying(instance: Instance): boolean {
  return instance.goal !== "Running" && isHolding(instance);
}

/** What the order of killing looks at. `own`: what it was launched with. */
export function candidateOf(instance: Instance, own: RunSpec): Candidate {
  return {
    id: instance.id,
    condition: instance.condition,
    isHealthy: instance.isHealthy ?? (isHealthy(instance, own) ? true : undefined),
    sinceMs: instance.startedAtMs ?? instance.stagedAtMs ?? instance.createdMs,
    places: instance.host?.places,
  };
}

function hasHealthChecks(spec: RunSpec): boolean {
  return isPod(spec)
    ? spec.containers.some(({ healthCheck }) => healthCheck !== undefined)
    : spec.healthChecks.length > 0;
}
