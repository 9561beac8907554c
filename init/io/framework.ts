import type { FrameworkInfo } from "@meseta/api/mesos/generated/mesos.ts";
import type { InitConfig } from "../core/config.ts";

/** How init presents itself. */
export function frameworkOf(config: InitConfig, roles: readonly string[], id: string | undefined): FrameworkInfo {
  return {
    name: config.frameworkName,
    user: config.user ?? "",
    ...(id !== undefined && { id: { value: id } }),
    roles: [...roles],
    checkpoint: true,
    failover_timeout: config.failoverTimeoutMs / 1000,
    hostname: config.hostname,
    webui_url: config.webuiUrl ?? `http://${config.address}`,
    ...(config.principal !== undefined && { principal: config.principal }),
    capabilities: capabilitiesOf(config).map((type) => ({ type })),
  };
}

function capabilitiesOf({ definitions }: InitConfig) {
  return [
    "MULTI_ROLE" as const,
    "PARTITION_AWARE" as const,
    "RESERVATION_REFINEMENT" as const,
    "REGION_AWARE" as const,
    "TASK_KILLING_STATE" as const,
    // Marathon's own checks are carried out by the agents.
    "PROBES" as const,
    ...(definitions.features.has("gpu_resources") ? ["GPU_RESOURCES" as const] : []),
  ];
}
