import type { Schedule } from "@meseta/api/mesos/generated/maintenance.ts";
import type {
  AgentInfo,
  AgentInfoCapability,
  DrainConfig,
  DrainInfo,
  FrameworkInfo,
  MachineInfo,
  Task,
} from "@meseta/api/mesos/generated/mesos.ts";
import type { QuotaConfig } from "@meseta/api/mesos/generated/quota.ts";

/**
 * The master's durable records. Mesos keeps agents, quota, weights, machines and the schedule in its registry, and
 * forgets frameworks and removed agents; Meseta keeps these and the frameworks' history as well, so that an id that was removed stays removed.
 */
export interface SavedFramework {
  info: FrameworkInfo;
  registeredMs: number;
}

export interface SavedCompletedFramework {
  info: FrameworkInfo;
  registeredMs: number;
  reregisteredMs?: number | undefined;
  unregisteredMs: number;
}

export interface SavedAgent {
  info: AgentInfo;
  address: string;
  version: string;
  capabilities: AgentInfoCapability[];
  registeredMs: number;
  deactivated: boolean;
  drain?: { info: DrainInfo; config: DrainConfig; startMs: number } | undefined;
}

export interface SavedUnreachable {
  info: AgentInfo;
  unreachableMs: number;
  deactivated: boolean;
  drain?: DrainConfig | undefined;
}

export interface SavedGone {
  goneMs: number;
}

export interface SavedRemoved {
  removedMs: number;
}

/** Tasks that ended together; mostly one. */
export interface SavedTasks {
  tasks: Task[];
}

/** Where each record stands in the store. Ids never contain a slash; role names do, and stand last. */
export const keys = {
  framework: (id: string) => `framework/${id}`,
  completedFramework: (id: string) => `completed-framework/${id}`,
  removedFramework: (id: string) => `removed-framework/${id}`,
  /** `sequence` rises within a framework, so that the oldest is the first to go. */
  completedTask: (frameworkId: string, sequence: number) =>
    `completed-task/${frameworkId}/${String(sequence).padStart(12, "0")}`,
  agent: (id: string) => `agent/${id}`,
  unreachable: (id: string) => `unreachable/${id}`,
  gone: (id: string) => `gone/${id}`,
  removedAgent: (id: string) => `removed-agent/${id}`,
  quota: (role: string) => `quota/${role}`,
  weight: (role: string) => `weight/${role}`,
  machine: (hostname: string, ip: string) => `machine/${hostname}/${ip}`,
  schedule: () => "schedule",
} as const;

/** What stands behind each prefix. */
export interface SavedRecords {
  "framework/": SavedFramework;
  "completed-framework/": SavedCompletedFramework;
  "completed-task/": SavedTasks;
  "removed-framework/": { removedMs: number };
  "agent/": SavedAgent;
  "unreachable/": SavedUnreachable;
  "gone/": SavedGone;
  "removed-agent/": SavedRemoved;
  "quota/": QuotaConfig;
  "weight/": { weight: number };
  "machine/": MachineInfo;
  schedule: Schedule;
}
