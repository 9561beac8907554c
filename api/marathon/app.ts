import type { Container } from "./container.ts";
import type { Check, HealthCheck, ReadinessCheck } from "./health.ts";
import type { Network, PortDefinition } from "./network.ts";
import type * as strategy from "./strategy.ts";

/**
 * An app as it is stored: absolute ids, every default filled, no legacy form, service ports and role assigned. What is optional here has no default.
 * cpus and gpus in shares, mem and disk in MiB. Source: Marathon's API, `App`.
 */
export interface App {
  readonly id: string;
  /** Neither cmd nor args: the image's own entrypoint. */
  readonly cmd?: string;
  readonly args: readonly string[];
  readonly user?: string;
  readonly env: strategy.Env;
  readonly instances: number;
  readonly cpus: number;
  readonly mem: number;
  readonly disk: number;
  readonly gpus: number;
  readonly resourceLimits?: strategy.ResourceLimits;
  readonly executor: string;
  /** There when `executor` is not empty. */
  readonly executorResources?: strategy.ExecutorResources;
  readonly constraints: readonly strategy.AppConstraint[];
  /** Absent: as the settings say (see `rolesAccepted`). */
  readonly acceptedResourceRoles?: readonly string[];
  readonly fetch: readonly strategy.Fetch[];
  readonly requirePorts: boolean;
  readonly backoffSeconds: number;
  readonly backoffFactor: number;
  readonly maxLaunchDelaySeconds: number;
  /** Off host networking always there. */
  readonly container?: Container;
  readonly healthChecks: readonly HealthCheck[];
  readonly check?: Check;
  readonly readinessChecks: readonly ReadinessCheck[];
  readonly taskKillGracePeriodSeconds?: number;
  /** Absolute ids of apps, pods or groups. */
  readonly dependencies: readonly string[];
  readonly upgradeStrategy: strategy.UpgradeStrategy;
  readonly labels: strategy.Labels;
  readonly networks: readonly Network[];
  /** Empty off host networking. */
  readonly portDefinitions: readonly PortDefinition[];
  /** There exactly when the app has persistent volumes. */
  readonly residency?: Residency;
  readonly role: string;
  readonly secrets: strategy.Secrets;
  readonly unreachableStrategy: strategy.UnreachableStrategy;
  readonly killSelection: strategy.KillSelection;
  readonly tty?: boolean;
  /** A Meseta extension. */
  readonly autoscale?: Autoscale;
  readonly version: string;
  readonly versionInfo: strategy.VersionInfo;
}

export interface Residency {
  readonly relaunchEscalationTimeoutSeconds: number;
  readonly taskLostBehavior: "WAIT_FOREVER" | "RELAUNCH_AFTER_TIMEOUT";
}

/** What is added to an app when it is shown. */
export interface AppCounts {
  readonly tasksStaged: number;
  readonly tasksRunning: number;
  readonly tasksHealthy: number;
  readonly tasksUnhealthy: number;
}

/** How an app changes the number of its instances by itself: so that what it goes by, exactly one of cpu, mem, metric and queue, comes near its target. */
export interface Autoscale {
  readonly minInstances: number;
  readonly maxInstances: number;
  /** How long it stays as it is after a change. */
  readonly coolDownSeconds: number;
  /** The mean share of what an instance asks for that it uses; it may be above 1. */
  readonly cpu?: number;
  readonly mem?: number;
  /** The mean of a number that each instance serves. */
  readonly metric?: Metric;
  /** How much work waits for each instance: the length of the queue, which each instance serves, by their number. */
  readonly queue?: Metric;
}

/** A number in what an instance serves at a path of one of its ports, in the text form of Prometheus. */
export interface Metric {
  readonly path: string;
  readonly portIndex: number;
  readonly name: string;
  readonly target: number;
}
