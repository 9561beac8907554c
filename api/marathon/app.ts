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
