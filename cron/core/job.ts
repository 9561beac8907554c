import type { CatchUp, ChronosNetworkInfo, ChronosVolume, KeyValue } from "@meseta/api/chronos/job.ts";
import type { MetronomeNetwork } from "@meseta/api/metronome/job.ts";
import type { Interval } from "./next/interval.ts";

/**
 * A job, behind both APIs. What either can say has a place here; where both say the same thing in other words, the place is one. What an API cannot say is
 * kept when it writes. cpus and gpus in shares, mem and disk in MiB.
 */
export interface Job {
  /** Chronos' name, Metronome's id. */
  readonly id: string;
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly owner: string;
  readonly ownerName: string;
  readonly trigger: Trigger;
  readonly run: Run;
  /** Nothing starts it but a hand. A schedule may be disabled beside that. */
  readonly isDisabled: boolean;
  /** Whether a run may start while another is under way, as far as no schedule says otherwise. */
  readonly isConcurrent: boolean;
  /** Further attempts after a failed one; `UNLIMITED` for as many as the deadline leaves. */
  readonly retries: number;
  /** For how long after a run's creation failed attempts are followed by others; absent: for ever. */
  readonly activeDeadlineSeconds?: number;
  /** How long one attempt may take; 0: for ever. */
  readonly maxCompletionSeconds: number;
  /** How long launches wait at most after failures. */
  readonly maxLaunchDelaySeconds: number;
  /** Dependents follow a final failure as they follow a success. */
  readonly isSoftError: boolean;
  readonly isHighPriority: boolean;
  /** What only Chronos' clients write and read, and nothing here depends on. */
  readonly chronos: ChronosOnly;
}

/** More retries than there is time for. */
export const UNLIMITED = 2 ** 31 - 1;

export type Trigger =
  /** May be empty: it runs by hand only. */
  | { readonly type: "schedules"; readonly schedules: readonly JobSchedule[] }
  /**
   * Runs after its parents, never none. `round`: when each has succeeded once more, as in Chronos; `latest`: when the latest run of each succeeded after this
   * job's own last success, as in Metronome.
   */
  | { readonly type: "parents"; readonly parents: readonly string[]; readonly rule: "round" | "latest" };

export interface JobSchedule {
  readonly id: string;
  readonly when: When;
  readonly isEnabled: boolean;
  /** What a firing does while a run is under way: starts another, is dropped, or waits until that has ended. */
  readonly overlap: "start" | "drop" | "wait";
  readonly catchUp: CatchUp;
  /** How long after its creation a run may take to begin; then it has failed. Absent: as long as it takes. */
  readonly startingDeadlineSeconds?: number;
}

/** As it is stored. `zone` of an interval: see `Interval`. `isZoned`: the zone was named beside the text, rather than by an offset in it. */
export type When =
  | { readonly type: "cron"; readonly cron: string; readonly zone: string }
  | (Interval & { readonly isZoned: boolean });

export interface Run {
  readonly cpus: number;
  readonly mem: number;
  readonly disk: number;
  readonly gpus: number;
  /** Shell text, or the executable; absent: the image's own. */
  readonly cmd?: string;
  readonly args: readonly string[];
  readonly isShell: boolean;
  readonly user?: string;
  readonly env: Readonly<Record<string, string | { readonly secret: string }>>;
  readonly secrets: Readonly<Record<string, { readonly source: string }>>;
  readonly fetch: readonly Fetch[];
  readonly container?: Container;
  readonly volumes: readonly Volume[];
  /** Empty: the agent's own. */
  readonly networks: readonly MetronomeNetwork[];
  readonly constraints: readonly Constraint[];
  readonly taskKillGracePeriodSeconds?: number;
}

export interface Fetch {
  readonly uri: string;
  readonly extract: boolean;
  readonly executable: boolean;
  readonly cache: boolean;
  readonly output_file: string;
}

/** `image` may be empty for MESOS: a container without an image of its own. */
export interface Container {
  readonly type: "DOCKER" | "MESOS";
  readonly image: string;
  readonly forcePullImage: boolean;
  readonly isPrivileged: boolean;
  readonly parameters: readonly KeyValue[];
}

/** Exactly one of hostPath, external and secret, or none: an empty one in the sandbox. */
export interface Volume extends ChronosVolume {
  readonly secret?: string;
}

export interface Constraint {
  readonly attribute: string;
  /** IS: the value is equal. LIKE and UNLIKE: it matches a regular expression as a whole, or does not. */
  readonly operator: "IS" | "LIKE" | "UNLIKE";
  readonly value: string;
}

export interface ChronosOnly {
  readonly async: boolean;
  readonly epsilon: string;
  readonly executor: string;
  readonly executorFlags: string;
  readonly taskInfoData: string;
  readonly dataProcessingJobType: boolean;
  readonly networkInfos: readonly ChronosNetworkInfo[];
}

/** As it is for a job that says nothing of it. */
export const PLAIN_CHRONOS: ChronosOnly = {
  async: false,
  epsilon: "PT60S",
  executor: "",
  executorFlags: "",
  taskInfoData: "",
  dataProcessingJobType: false,
  networkInfos: [],
};

/** How a job has fared. Times are ms since 1970; absent: never. */
export interface JobStats {
  readonly successCount: number;
  readonly errorCount: number;
  readonly errorsSinceLastSuccess: number;
  readonly lastSuccessMs?: number;
  readonly lastErrorMs?: number;
}

export const NO_STATS: JobStats = { successCount: 0, errorCount: 0, errorsSinceLastSuccess: 0 };

/** Fresh before the first end of a run; then as its latest end was. Source: Chronos' graph. */
export function outcomeOf({ lastSuccessMs = 0, lastErrorMs = 0 }: JobStats): "fresh" | "success" | "failure" {
  if (lastSuccessMs === 0 && lastErrorMs === 0) return "fresh";
  return lastSuccessMs > lastErrorMs ? "success" : "failure";
}

export function schedulesOf({ trigger }: Job): readonly JobSchedule[] {
  return trigger.type === "schedules" ? trigger.schedules : NONE;
}

export function parentsOf({ trigger }: Job): readonly string[] {
  return trigger.type === "parents" ? trigger.parents : NONE;
}

const NONE: readonly never[] = [];
