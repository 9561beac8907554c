import type { MasterConfig } from "@meseta/kernel/core/master/state.ts";

/** A master as its flags' defaults make it. Pings are rare, so that they do not disturb what is measured. */
export const masterConfig: Omit<MasterConfig, "port"> = {
  hostname: "127.0.0.1",
  ip: "127.0.0.1",
  cluster: "bench",
  version: "1.12.0",
  pingIntervalMs: 3_600_000,
  maxPingTimeouts: 5,
  agentReregisterTimeoutMs: 3_600_000,
  agentRemovalIntervalMs: undefined,
  requireAgentDomain: false,
  offerTimeoutMs: 60_000,
  allocationIntervalMs: 1_000,
  roleWhitelist: undefined,
  rootSubmissions: true,
  maxCompletedFrameworks: 50,
  maxCompletedTasksPerFramework: 1_000,
  maxUnreachableTasksPerFramework: 1_000,
  domain: undefined,
  flags: {},
};
