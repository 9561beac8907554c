import type { RunSpec, Tree } from "@meseta/api/marathon/group.ts";
import type { Pod } from "@meseta/api/marathon/pod.ts";
import type { KillSelection, UnreachableStrategy, UpgradeStrategy } from "@meseta/api/marathon/strategy.ts";

/** Whether it is a pod; else it is an app. */
export function isPod(spec: RunSpec): spec is Pod {
  return "containers" in spec;
}

/** The app or pod of this absolute id. */
export function specAt(tree: Tree, id: string): RunSpec | undefined {
  return tree.apps.get(id) ?? tree.pods.get(id);
}

/** All apps and pods. */
export function* specsOf(tree: Tree): Generator<RunSpec> {
  yield* tree.apps.values();
  yield* tree.pods.values();
}

/** How many instances are wanted. */
export function instancesOf(spec: RunSpec): number {
  return isPod(spec) ? spec.scaling.instances : spec.instances;
}

export function upgradeOf(spec: RunSpec): UpgradeStrategy {
  return isPod(spec) ? spec.scheduling.upgrade : spec.upgradeStrategy;
}

export function killSelectionOf(spec: RunSpec): KillSelection {
  return isPod(spec) ? spec.scheduling.killSelection : spec.killSelection;
}

export function unreachableOf(spec: RunSpec): UnreachableStrategy {
  return isPod(spec) ? spec.scheduling.unreachableStrategy : spec.unreachableStrategy;
}

/** Whether its instances keep volumes, and with them their places. */
export function isResident(spec: RunSpec): boolean {
  return isPod(spec)
    ? spec.volumes.some(({ persistent }) => persistent !== undefined)
    : spec.residency !== undefined ||
        (spec.container?.volumes ?? []).some(({ persistent }) => persistent !== undefined);
}

/** How long the next launch waits after failures, in ms. */
export function backoffOf(spec: RunSpec): {
  readonly firstMs: number;
  readonly factor: number;
  readonly longestMs: number;
} {
  if (!isPod(spec))
    return {
      firstMs: spec.backoffSeconds * 1000,
      factor: spec.backoffFactor,
      longestMs: spec.maxLaunchDelaySeconds * 1000,
    };
  const { backoff, backoffFactor, maxLaunchDelay } = spec.scheduling.backoff;
  return { firstMs: backoff * 1000, factor: backoffFactor, longestMs: maxLaunchDelay * 1000 };
}

/** The fields by which GROUP_BY spreads its instances. */
export function groupByOf(spec: RunSpec): string[] {
  return isPod(spec)
    ? spec.scheduling.placement.constraints.flatMap(({ fieldName, operator }) =>
        operator === "GROUP_BY" ? [fieldName] : [],
      )
    : spec.constraints.flatMap(([field, operator]) => (operator === "GROUP_BY" ? [field] : []));
}

/** Whether an instance that runs must have said that it is ready, in a deployment, before the next one goes. */
export function hasReadiness(spec: RunSpec): boolean {
  return !isPod(spec) && spec.readinessChecks.length > 0;
}
