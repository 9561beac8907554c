import type { Pod } from "./pod.ts";
import type { LocalVolume } from "./task.ts";

/** A pod and its instances, as GET /v2/pods/{id}::status shows them. */
export interface PodStatus {
  readonly id: string;
  readonly spec: Omit<Pod, "versionInfo">;
  readonly status: "DEGRADED" | "STABLE" | "TERMINAL";
  readonly statusSince: string;
  readonly message?: string;
  readonly instances: readonly PodInstanceStatus[];
  readonly terminationHistory: readonly PodTermination[];
  readonly lastUpdated: string;
  readonly lastChanged: string;
}

export type PodInstanceState = "PENDING" | "STAGING" | "STABLE" | "DEGRADED" | "TERMINAL";

export interface PodInstanceStatus {
  readonly id: string;
  readonly status: PodInstanceState;
  readonly statusSince: string;
  readonly message?: string;
  readonly conditions: readonly StatusCondition[];
  readonly agentHostname?: string;
  readonly agentId?: string;
  readonly agentRegion?: string;
  readonly agentZone?: string;
  readonly resources: Amounts;
  readonly networks: readonly { readonly name?: string; readonly addresses: readonly string[] }[];
  readonly containers: readonly ContainerStatus[];
  readonly specReference: string;
  readonly localVolumes: readonly LocalVolume[];
  readonly role: string;
  readonly lastUpdated: string;
  readonly lastChanged: string;
}

export interface Amounts {
  readonly cpus: number;
  readonly mem: number;
  readonly disk: number;
  readonly gpus: number;
}

export interface StatusCondition {
  readonly name: string;
  readonly value: string;
  readonly reason?: string;
  readonly lastUpdated: string;
  readonly lastChanged: string;
}

export interface ContainerStatus {
  readonly name: string;
  readonly status: string;
  readonly statusSince: string;
  readonly conditions: readonly StatusCondition[];
  readonly containerId?: string;
  readonly endpoints: readonly {
    readonly name: string;
    readonly allocatedHostPort?: number;
    readonly healthy?: boolean;
  }[];
  readonly resources: Amounts;
  readonly termination?: { readonly exitCode?: number; readonly message?: string };
  readonly lastUpdated: string;
  readonly lastChanged: string;
}

export interface PodTermination {
  readonly instanceID: string;
  readonly startedAt: string;
  readonly terminatedAt: string;
  readonly message?: string;
  readonly containers: readonly {
    readonly containerId: string;
    readonly lastKnownState: string;
    readonly termination?: { readonly exitCode?: number; readonly message?: string };
  }[];
}
