/**
 * A job as Chronos' clients read and write it, every field that has a default filled: clients index and compare them. cpus in shares, mem and disk in MiB.
 * Source: Chronos' API, 2.4 and 3.0.
 */
export interface ChronosJob {
  readonly name: string;
  /** Shell text, or, when `shell` is false, the executable whose arguments `arguments` are. */
  readonly command: string;
  readonly shell: boolean;
  readonly arguments: readonly string[];
  /** Of a scheduled job: `R[n]/start/period`, and as an extension a cron expression. The start moves on with each launch. */
  readonly schedule?: string;
  /** Empty: the offset in the start's text counts. */
  readonly scheduleTimeZone?: string;
  /** Of a dependent job, never empty. */
  readonly parents?: readonly string[];
  /** What becomes of firings that were missed; absent: `ONE`, as in Chronos. A Meseta extension. */
  readonly catchUp?: CatchUp;
  readonly executor: string;
  readonly executorFlags: string;
  readonly taskInfoData: string;
  /** Further attempts after a failed one. */
  readonly retries: number;
  /** Addresses, comma separated. */
  readonly owner: string;
  readonly ownerName: string;
  readonly description: string;
  /** Of 2.x; nothing depends on it. */
  readonly async: boolean;
  /** Of 2.x: an ISO 8601 duration; nothing depends on it. */
  readonly epsilon: string;
  readonly successCount: number;
  readonly errorCount: number;
  readonly errorsSinceLastSuccess: number;
  /** ISO 8601 in UTC, or empty. */
  readonly lastSuccess: string;
  readonly lastError: string;
  readonly cpus: number;
  readonly mem: number;
  readonly disk: number;
  readonly disabled: boolean;
  readonly concurrent: boolean;
  /** Dependents follow a final failure too. */
  readonly softError: boolean;
  readonly highPriority: boolean;
  readonly dataProcessingJobType: boolean;
  /** Seconds; 0: unlimited. */
  readonly maxCompletionTime: number;
  /** Deprecated: the uris of `fetch`. */
  readonly uris: readonly string[];
  readonly fetch: readonly ChronosFetch[];
  readonly environmentVariables: readonly { readonly name: string; readonly value: string }[];
  readonly runAsUser: string;
  readonly container?: ChronosContainer;
  readonly constraints: readonly ChronosConstraint[];
}

/** What becomes of the firings that were missed: a run for each, one for all of them, or none. */
export type CatchUp = "EACH" | "ONE" | "NONE";

export type ChronosConstraint = readonly [attribute: string, operator: "EQUALS" | "LIKE" | "UNLIKE", value: string];

export interface ChronosFetch {
  readonly uri: string;
  readonly executable: boolean;
  readonly cache: boolean;
  readonly extract: boolean;
  readonly output_file: string;
}

export interface ChronosContainer {
  readonly type: "DOCKER" | "MESOS";
  readonly image: string;
  readonly network: "HOST" | "BRIDGE" | "USER";
  readonly networkName?: string;
  readonly networkInfos: readonly ChronosNetworkInfo[];
  readonly volumes: readonly ChronosVolume[];
  readonly forcePullImage: boolean;
  readonly parameters: readonly KeyValue[];
}

export interface ChronosNetworkInfo {
  readonly name: string;
  readonly protocol?: string;
  readonly labels: readonly KeyValue[];
  readonly portMappings: readonly {
    readonly hostPort: number;
    readonly containerPort: number;
    readonly protocol?: string;
  }[];
}

export interface ChronosVolume {
  readonly hostPath?: string;
  readonly containerPath: string;
  readonly mode: "RO" | "RW";
  readonly external?: { readonly name: string; readonly provider: string; readonly options: readonly KeyValue[] };
}

export interface KeyValue {
  readonly key: string;
  readonly value: string;
}
