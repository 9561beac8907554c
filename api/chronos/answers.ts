/** The body of every refusal. An unknown job is a 400 as well. */
export interface ChronosError {
  readonly status: "Bad Request";
  readonly message: string;
}

export type Outcome = "fresh" | "success" | "failure";

/** GET /jobs/summary. `state`: `idle`, `queued` or `2 running`. `schedule` is empty for dependent jobs. */
export interface ChronosSummary {
  readonly jobs: readonly {
    readonly name: string;
    readonly status: Outcome;
    readonly state: string;
    readonly schedule: string;
    readonly parents: readonly string[];
    readonly disabled: boolean;
  }[];
}

/** GET /job/stat/{name}: times in seconds. */
export interface ChronosStat {
  readonly histogram: Readonly<
    Record<"75thPercentile" | "95thPercentile" | "98thPercentile" | "99thPercentile", number>
  > & {
    readonly median: number;
    readonly mean: number;
    readonly count: number;
  };
  readonly taskStatHistory: readonly ChronosTaskStat[];
}

/** Times are `MM/dd/yy HH:mm:ss`, or `N/A`. */
export interface ChronosTaskStat {
  readonly taskId: string;
  readonly jobName: string;
  readonly slaveId: string;
  readonly startTime: string;
  readonly endTime: string;
  readonly duration: string;
  readonly status: string;
  readonly numElementsProcessed: number;
  readonly numAdditionalElementsProcessed: number;
}

/** GET /stats/{percentile}: slowest first, seconds. */
export type ChronosPercentiles = readonly { readonly jobNameLabel: string; readonly time: number }[];
