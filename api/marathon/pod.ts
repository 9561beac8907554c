import type { LinuxInfo, Persistent, PullConfig } from "./container.ts";
import type { Command, PodCheck, PodHealthCheck } from "./health.ts";
import type { Endpoint, Network } from "./network.ts";
import type * as strategy from "./strategy.ts";

/** A pod as it is stored: absolute id, every default filled, role assigned. `versionInfo` is not shown to users. Source: Marathon's API, `Pod`. */
export interface Pod {
  readonly id: string;
  readonly user?: string;
  readonly labels: strategy.Labels;
  readonly environment: strategy.Env;
  readonly secrets: strategy.Secrets;
  readonly role: string;
  readonly containers: readonly PodContainer[];
  readonly volumes: readonly PodVolume[];
  readonly networks: readonly Network[];
  readonly scaling: { readonly kind: "fixed"; readonly instances: number; readonly maxInstances?: number };
  readonly scheduling: Scheduling;
  readonly executorResources: strategy.ExecutorResources;
  readonly linuxInfo?: LinuxInfo;
  readonly legacySharedCgroups?: boolean;
  readonly version: string;
  readonly versionInfo: strategy.VersionInfo;
}

export interface Scheduling {
  readonly backoff: { readonly backoff: number; readonly backoffFactor: number; readonly maxLaunchDelay: number };
  readonly upgrade: strategy.UpgradeStrategy;
  readonly placement: {
    readonly constraints: readonly strategy.Constraint[];
    /** Empty: as the settings say (see `rolesAccepted`). */
    readonly acceptedResourceRoles: readonly string[];
  };
  readonly killSelection: strategy.KillSelection;
  readonly unreachableStrategy: strategy.UnreachableStrategy;
}

export interface PodContainer {
  readonly name: string;
  /** Absent: the image's own entrypoint. */
  readonly exec?: { readonly command: Command; readonly overrideEntrypoint?: boolean };
  readonly resources: {
    readonly cpus: number;
    readonly mem: number;
    readonly disk: number;
    readonly gpus: number;
  };
  readonly resourceLimits?: strategy.ResourceLimits;
  readonly image?: Image;
  readonly endpoints: readonly Endpoint[];
  readonly environment: strategy.Env;
  readonly user?: string;
  readonly healthCheck?: PodHealthCheck;
  readonly check?: PodCheck;
  readonly volumeMounts: readonly VolumeMount[];
  readonly artifacts: readonly strategy.Fetch[];
  readonly labels: strategy.Labels;
  readonly lifecycle?: { readonly killGracePeriodSeconds?: number };
  readonly tty?: boolean;
  readonly linuxInfo?: LinuxInfo;
}

export interface Image {
  readonly kind: "DOCKER";
  readonly id: string;
  readonly forcePull: boolean;
  readonly pullConfig?: PullConfig;
  readonly labels: strategy.Labels;
}

/** Of the machine (`host`), of a secret, kept (`persistent`), or, with none of them, for as long as the instance lives. */
export interface PodVolume {
  readonly name: string;
  readonly host?: string;
  readonly secret?: string;
  readonly persistent?: Persistent;
}

export interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly: boolean;
}
