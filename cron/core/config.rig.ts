import type { CronConfig } from "./config.ts";
import { DEFAULT_SETTINGS } from "./definition/settings.ts";

/** For tests: a cron whose operator chose nothing. */
export const CONFIG: CronConfig = {
  definitions: DEFAULT_SETTINGS,
  frameworkName: "chronos",
  hostname: "m1",
  failoverTimeoutMs: 604_800_000,
  role: "*",
  bridgeName: "mesos-bridge",
  declineMs: 120_000,
  aheadMs: 500,
  retryMs: 60_000,
  disableAfterFailures: 0,
  unreachableMs: 300_000,
  confirmMs: 60_000,
  killRetryMs: 5_000,
  mostCaughtUp: 100,
  mostJobs: 500_000,
  mostRuns: 1000,
  mostPast: 1000,
  mostPastInAll: 200_000,
  reconciliationDelayMs: 15_000,
  reconciliationIntervalMs: 600_000,
  address: "10.0.0.1:4400",
  metronomeAddress: "10.0.0.1:9000",
  version: "0.1.0",
};
