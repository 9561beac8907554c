/** A job as Metronome's clients read and write it. cpus and gpus in shares, mem and disk in MiB. Source: Metronome's API, 0.6. */
export interface MetronomeJob {
  readonly id: string;
  readonly description?: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Jobs that this one follows. */
  readonly dependencies: readonly { readonly id: string }[];
  readonly run: MetronomeRunSpec;
}

export interface MetronomeRunSpec {
  readonly cpus: number;
  readonly mem: number;
  readonly disk: number;
  readonly gpus: number;
  readonly cmd?: string;
  readonly args?: readonly string[];
  readonly user?: string;
  readonly env: Readonly<Record<string, string | { readonly secret: string }>>;
  readonly secrets: Readonly<Record<string, { readonly source: string }>>;
  readonly artifacts: readonly MetronomeArtifact[];
  readonly docker?: MetronomeDocker;
  readonly ucr?: MetronomeUcr;
  readonly volumes: readonly MetronomeVolume[];
  readonly networks: readonly MetronomeNetwork[];
  readonly placement: { readonly constraints: readonly MetronomeConstraint[] };
  /** Seconds. */
  readonly maxLaunchDelay: number;
  readonly restart: { readonly policy: "NEVER" | "ON_FAILURE"; readonly activeDeadlineSeconds?: number };
  readonly taskKillGracePeriodSeconds?: number;
}

export interface MetronomeArtifact {
  readonly uri: string;
  readonly extract: boolean;
  readonly executable: boolean;
  readonly cache: boolean;
}

export interface MetronomeDocker {
  readonly image: string;
  readonly forcePullImage: boolean;
  readonly privileged: boolean;
  readonly parameters: readonly { readonly key: string; readonly value: string }[];
}

export interface MetronomeUcr {
  readonly image: { readonly id: string; readonly kind: "docker" | "appc"; readonly forcePull: boolean };
  readonly privileged: boolean;
}

export type MetronomeVolume =
  | { readonly containerPath: string; readonly hostPath: string; readonly mode: "RO" | "RW" }
  | { readonly containerPath: string; readonly secret: string };

export interface MetronomeNetwork {
  readonly mode: "host" | "container" | "container/bridge";
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface MetronomeConstraint {
  readonly attribute: string;
  readonly operator: "IS" | "LIKE" | "UNLIKE";
  readonly value?: string;
}
