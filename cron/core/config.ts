import type { Settings as DefinitionSettings } from "./definition/settings.ts";

/** All that the operator of a cron chose. Source: Chronos' command line; defaults in boot. Times in ms. */
export interface CronConfig {
  readonly definitions: DefinitionSettings;
  /** `--name`: of the framework. */
  readonly frameworkName: string;
  readonly hostname: string;
  readonly webuiUrl?: string | undefined;
  readonly failoverTimeoutMs: number;
  readonly principal?: string | undefined;
  /** The one role under which all jobs run. */
  readonly role: string;
  /** The network that stands behind Metronome's container/bridge and Chronos' BRIDGE for containers without docker. */
  readonly bridgeName: string;
  /** How long an agent's refused resources are not offered again, unless something new waits. */
  readonly declineMs: number;
  /** How long before a firing offers are asked for, so that they are at hand when it is due; those that it needs are held so long at most, and twice. */
  readonly aheadMs: number;
  /** `--failure_retry`: how long a Chronos job rests between attempts. */
  readonly retryMs: number;
  /** `--disable_after_failures`; 0: never. */
  readonly disableAfterFailures: number;
  /** How long a task may be unreachable before its attempt counts as lost. */
  readonly unreachableMs: number;
  /** How long a launch may go without a word from its task before the master is asked, and the attempt made anew. */
  readonly confirmMs: number;
  readonly killRetryMs: number;
  /** The most firings that are made up for, of one schedule with catchUp EACH: the newest. */
  readonly mostCaughtUp: number;
  readonly mostJobs: number;
  /** The most runs of one job that have not ended; firings beyond are dropped, and told. */
  readonly mostRuns: number;
  /** The most past runs that are kept, of one job and of each outcome, and of all. Source: Metronome keeps 1000. */
  readonly mostPast: number;
  readonly mostPastInAll: number;
  readonly reconciliationDelayMs: number;
  readonly reconciliationIntervalMs: number;
  /** host:port of Chronos' API as clients reach it, and of Metronome's. */
  readonly address: string;
  readonly metronomeAddress: string;
  readonly version: string;
}
