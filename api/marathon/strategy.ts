export type Operator = "UNIQUE" | "CLUSTER" | "GROUP_BY" | "LIKE" | "UNLIKE" | "MAX_PER" | "IS";

/** `["hostname", "UNIQUE"]`, `["rack", "LIKE", "r[1-3]"]`: as apps have them. */
export type AppConstraint = readonly [field: string, operator: Operator, value?: string];

/** The same as pods have them. */
export interface Constraint {
  readonly fieldName: string;
  readonly operator: Operator;
  readonly value?: string;
}

/** Both capacities are shares of the wanted instances, 0 to 1. */
export interface UpgradeStrategy {
  readonly minimumHealthCapacity: number;
  readonly maximumOverCapacity: number;
  /** How long a deployment of it may take; then it is undone. Absent: for ever. A Meseta extension. */
  readonly deadlineSeconds?: number;
}

/** After how long an unreachable instance is replaced, and forgotten. `disabled`: it is waited for, for ever. */
export type UnreachableStrategy =
  | { readonly inactiveAfterSeconds: number; readonly expungeAfterSeconds: number }
  | "disabled";

export type KillSelection = "YOUNGEST_FIRST" | "OLDEST_FIRST";

/** When it was last changed: versions, that is timestamps. A scaling keeps lastConfigChangeAt. */
export interface VersionInfo {
  readonly lastScalingAt: string;
  readonly lastConfigChangeAt: string;
}

/** A value of the environment. */
export type EnvValue = string | { readonly secret: string };

export type Env = Readonly<Record<string, EnvValue>>;
export type Labels = Readonly<Record<string, string>>;
export type Secrets = Readonly<Record<string, { readonly source: string }>>;

/** Above what is asked for; `unlimited`: as much as the machine has. */
export interface ResourceLimits {
  readonly cpus?: number | "unlimited";
  readonly mem?: number | "unlimited";
}

/** cpus in shares, mem and disk in MiB. */
export interface ExecutorResources {
  readonly cpus: number;
  readonly mem: number;
  readonly disk: number;
}

/** A file brought into the sandbox before the start: an app's `fetch`, a pod's `artifacts`. */
export interface Fetch {
  readonly uri: string;
  readonly extract: boolean;
  readonly executable: boolean;
  readonly cache: boolean;
  readonly destPath?: string;
}
