import type { InitConfig } from "./config.ts";
import { DEFAULT_SETTINGS } from "./definition/settings.ts";
import { KILL_SETTINGS } from "./instance/kills.ts";
import { TIMEOUTS } from "./instance/life.ts";

/** For tests: an init whose operator chose nothing. */
export const CONFIG: InitConfig = {
  definitions: DEFAULT_SETTINGS,
  placement: { gpus: "restricted" },
  kills: KILL_SETTINGS,
  timeouts: TIMEOUTS,
  frameworkName: "marathon",
  user: "root",
  hostname: "m1",
  failoverTimeoutMs: 604_800_000,
  environmentPrefix: "",
  bridgeName: "mesos-bridge",
  mostInstancesPerOffer: Number.POSITIVE_INFINITY,
  declineMs: 120_000,
  mostDeployments: 100,
  mostVersions: 50,
  reconciliationDelayMs: 15_000,
  reconciliationIntervalMs: 600_000,
  address: "10.0.0.1:8080",
  version: "0.1.0",
};
