import type { App } from "@meseta/api/marathon/app.ts";
import type { Persistent } from "@meseta/api/marathon/container.ts";
import type { RunSpec } from "@meseta/api/marathon/group.ts";
import type { Pod } from "@meseta/api/marathon/pod.ts";
import type { Constraint, KillSelection, UnreachableStrategy, UpgradeStrategy } from "@meseta/api/marathon/strategy.ts";
import type { Settings } from "./settings.ts";

// One view of apps and pods, for all that does not care which it is.

export function isPod(spec: RunSpec): spec is Pod {
  return "containers" in spec;
}

/** How many instances are wanted. */
export function instancesOf(spec: RunSpec): number {
  return isPod(spec) ? spec.scaling.instances : spec.instances;
}

/** The same with another number of instances; nothing else is touched. */
export function scaledTo<T extends RunSpec>(spec: T, instances: number): T {
  return isPod(spec) ? { ...spec, scaling: { ...spec.scaling, instances } } : { ...spec, instances };
}

export function upgradeStrategyOf(spec: RunSpec): UpgradeStrategy {
  return isPod(spec) ? spec.scheduling.upgrade : spec.upgradeStrategy;
}

export function killSelectionOf(spec: RunSpec): KillSelection {
  return isPod(spec) ? spec.scheduling.killSelection : spec.killSelection;
}

export function unreachableStrategyOf(spec: RunSpec): UnreachableStrategy {
  return isPod(spec) ? spec.scheduling.unreachableStrategy : spec.unreachableStrategy;
}

/** How launches wait after failures: seconds, and the factor between one and the next. */
export function backoffOf(spec: RunSpec): { seconds: number; factor: number; maxSeconds: number } {
  if (!isPod(spec)) {
    return { seconds: spec.backoffSeconds, factor: spec.backoffFactor, maxSeconds: spec.maxLaunchDelaySeconds };
  }
  const { backoff, backoffFactor, maxLaunchDelay } = spec.scheduling.backoff;
  return { seconds: backoff, factor: backoffFactor, maxSeconds: maxLaunchDelay };
}

export function constraintsOf(spec: RunSpec): readonly Constraint[] {
  if (isPod(spec)) return spec.scheduling.placement.constraints;
  return spec.constraints.map(([fieldName, operator, value]) => ({
    fieldName,
    operator,
    ...(value !== undefined && { value }),
  }));
}

/** The absolute ids of what must be there first. Pods have none of their own. */
export function dependenciesOf(spec: RunSpec): readonly string[] {
  return isPod(spec) ? [] : spec.dependencies;
}

/** The volumes that outlive a task, in order. */
export function persistentVolumesOf(spec: Pick<App, "container"> | Pick<Pod, "volumes">): readonly Persistent[] {
  const volumes = "volumes" in spec ? spec.volumes : (spec.container?.volumes ?? []);
  return volumes.flatMap(({ persistent }) => (persistent === undefined ? [] : [persistent]));
}

/** Whether its instances come back to the disk that they had. */
export function isResident(spec: Pick<App, "container"> | Pick<Pod, "volumes">): boolean {
  return persistentVolumesOf(spec).length > 0;
}

/**
 * The roles whose resources its instances may take, never empty. What is given stands; else a resident one takes what nobody has reserved, to reserve it
 * itself; else the operator's choice.
 */
export function rolesAccepted(spec: RunSpec, { acceptedResourceRolesDefault }: Settings): readonly string[] {
  const given = isPod(spec) ? spec.scheduling.placement.acceptedResourceRoles : (spec.acceptedResourceRoles ?? []);
  if (given.length > 0) return given;
  if (isResident(spec) || acceptedResourceRolesDefault === "unreserved" || spec.role === "*") return ["*"];
  return acceptedResourceRolesDefault === "reserved" ? [spec.role] : [spec.role, "*"];
}
