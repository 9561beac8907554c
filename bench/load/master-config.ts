import { MASTER_DEFAULTS, type MasterConfig } from "@meseta/kernel/core/master/state.ts";

/** A master as its flags' defaults make it. Pings are rare, so that they do not disturb what is measured. */
export const masterConfig: Omit<MasterConfig, "port"> = {
  ...MASTER_DEFAULTS,
  hostname: "127.0.0.1",
  ip: "127.0.0.1",
  cluster: "bench",
  version: "1.12.0",
  pingIntervalMs: 3_600_000,
  agentReregisterTimeoutMs: 3_600_000,
};
