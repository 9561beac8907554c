import type { Call, CallType, Response } from "@meseta/api/mesos/generated/master.ts";
import type { MachineInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { agentsOn } from "../../core/master/machines.ts";
import { previewOffers } from "../../core/master/preview.ts";
import type { MasterState } from "../../core/master/state.ts";
import { agentsParts } from "../../core/master/views/agents.ts";
import { executorsParts } from "../../core/master/views/executors.ts";
import { frameworksParts } from "../../core/master/views/frameworks.ts";
import { viewMaintenanceStatus, viewSchedule } from "../../core/master/views/maintenance.ts";
import { viewFlags, viewMaster, viewVersion } from "../../core/master/views/master.ts";
import { viewOperations } from "../../core/master/views/operations.ts";
import { viewRoles } from "../../core/master/views/roles.ts";
import { viewQuota, viewWeights } from "../../core/master/views/settings.ts";
import type { Look, Part } from "../../core/master/views/shape.ts";
import { stateParts } from "../../core/master/views/state.ts";
import { tasksParts } from "../../core/master/views/tasks.ts";
import type { Kind } from "./readings.ts";

/** What is read, or a sentence why that cannot be. */
export type SmallRead = (state: MasterState, call: Call, nowMs: number) => Response | string;

/** Readings of the state that are small enough to be made at once. */
export const SMALL_READS: Partial<Record<CallType, SmallRead>> = {
  GET_FLAGS: (state) => ({ get_flags: { flags: viewFlags(state) } }),
  GET_VERSION: (state) => ({ get_version: { version_info: viewVersion(state) } }),
  GET_MASTER: (state) => ({ get_master: viewMaster(state) }),
  GET_OPERATIONS: (state) => ({ get_operations: { operations: viewOperations(state) } }),
  GET_ROLES: (state) => ({ get_roles: { roles: viewRoles(state) } }),
  // Without any weight Mesos leaves the whole part out.
  GET_WEIGHTS: (state) => (state.weights.size === 0 ? {} : { get_weights: { weight_infos: viewWeights(state) } }),
  GET_QUOTA: (state) => ({ get_quota: { status: viewQuota(state) } }),
  GET_MAINTENANCE_SCHEDULE: (state) => ({ get_maintenance_schedule: { schedule: viewSchedule(state) } }),
  GET_MAINTENANCE_STATUS: (state) => ({ get_maintenance_status: { status: maintenanceStatus(state) } }),
  PREVIEW_OFFERS: preview,
};

function preview(state: MasterState, { preview_offers }: Call, nowMs: number): Response | string {
  const offers = previewOffers(state, preview_offers!, nowMs);
  return offers === undefined
    ? `No framework '${preview_offers!.framework_id.value}' is known: it must subscribe first`
    : { preview_offers: { offers } };
}

/** Readings that grow with the cluster, made of kept pieces. */
const BIG_READS: Partial<Record<CallType, { field: string; parts: (look: Look) => Part[] }>> = {
  GET_STATE: { field: "get_state", parts: stateParts },
  GET_TASKS: { field: "get_tasks", parts: ({ state }) => tasksParts(state) },
  GET_AGENTS: { field: "get_agents", parts: ({ state }) => agentsParts(state) },
  GET_FRAMEWORKS: { field: "get_frameworks", parts: ({ state }) => frameworksParts(state) },
  GET_EXECUTORS: { field: "get_executors", parts: ({ state }) => executorsParts(state) },
};

/** The big reading that a call asks for, if it does. */
export function bigRead(type: CallType, form: "json" | "protobuf"): Kind | undefined {
  const read = BIG_READS[type];
  if (read === undefined) return undefined;
  return {
    name: `${type} ${form}`,
    document: (look) => ({
      form,
      type: "mesos.v1.master.Response",
      parts: [
        { name: "type", value: type },
        { name: read.field, parts: read.parts(look) },
      ],
    }),
  };
}

/** The state of maintenance, with the frameworks' answers for the agents of each machine. */
export function maintenanceStatus(state: MasterState) {
  const statusesOf = (machine: MachineInfo) =>
    agentsOn(state, machine.id)
      .filter(({ connection }) => connection !== "recovered")
      .flatMap(({ id }) => state.allocator.inverseStatuses(id));
  return viewMaintenanceStatus(state, statusesOf);
}
