import type { PortMapping } from "./network.ts";
import type { AppConstraint } from "./strategy.ts";

/** What an app runs in. `docker` is there when it has an image. */
export interface Container {
  readonly type: "DOCKER" | "MESOS";
  readonly docker?: Docker;
  readonly linuxInfo?: LinuxInfo;
  /** Empty on host networking. */
  readonly portMappings: readonly PortMapping[];
  readonly volumes: readonly AppVolume[];
}

export interface Docker {
  readonly image: string;
  readonly forcePullImage: boolean;
  readonly privileged: boolean;
  readonly parameters: readonly { readonly key: string; readonly value: string }[];
  readonly pullConfig?: PullConfig;
  readonly config?: string;
}

/** Names the secret that opens the registry. */
export interface PullConfig {
  readonly secret: string;
}

export interface LinuxInfo {
  readonly seccomp?: { readonly profileName?: string; readonly unconfined?: boolean };
  readonly ipcInfo?: { readonly mode: "PRIVATE" | "SHARE_PARENT"; readonly shmSize?: number };
}

export type VolumeMode = "RO" | "RW";

/** Exactly one of hostPath, persistent, external, secret. A secret volume has no mode. */
export interface AppVolume {
  readonly containerPath: string;
  readonly mode?: VolumeMode;
  readonly hostPath?: string;
  readonly persistent?: Persistent;
  readonly external?: External;
  readonly secret?: string;
}

/** Disk that stays when the task goes. Sizes in MiB. */
export interface Persistent {
  readonly type: "root" | "path" | "mount";
  readonly size: number;
  readonly maxSize?: number;
  readonly profileName?: string;
  /** Of the field `path`. */
  readonly constraints: readonly AppConstraint[];
}

export interface External {
  readonly name?: string;
  readonly provider: string;
  readonly size?: number;
  readonly options: Readonly<Record<string, unknown>>;
  readonly shared: boolean;
}
