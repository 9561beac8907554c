import type { FrameworkInfo } from "@meseta/api/mesos/generated/mesos.ts";
import type { CronConfig } from "../core/config.ts";

/** How cron presents itself: as a framework of one role that survives its scheduler. */
export function frameworkOf(config: CronConfig, id: string | undefined): FrameworkInfo {
  return {
    name: config.frameworkName,
    user: config.definitions.user,
    ...(id !== undefined && { id: { value: id } }),
    roles: [config.role],
    checkpoint: true,
    failover_timeout: config.failoverTimeoutMs / 1000,
    hostname: config.hostname,
    webui_url: config.webuiUrl ?? `http://${config.address}`,
    ...(config.principal !== undefined && { principal: config.principal }),
    capabilities: CAPABILITIES.map((type) => ({ type })),
  };
}

const CAPABILITIES = [
  "MULTI_ROLE",
  "PARTITION_AWARE",
  "RESERVATION_REFINEMENT",
  "REGION_AWARE",
  "TASK_KILLING_STATE",
  // Metronome's jobs may ask for GPUs.
  "GPU_RESOURCES",
] as const;
