import type { InverseOfferStatus } from "@meseta/api/mesos/generated/allocator.ts";
import type { ClusterStatus, Schedule } from "@meseta/api/mesos/generated/maintenance.ts";
import type { MachineInfo } from "@meseta/api/mesos/generated/mesos.ts";
import type { MasterState } from "../state.ts";

/** GET_MAINTENANCE_SCHEDULE and /maintenance/schedule. */
export function viewSchedule(state: MasterState): Schedule {
  return state.schedule ?? {};
}

/**
 * GET_MAINTENANCE_STATUS and /maintenance/status. `statusesOf` gives the frameworks' answers to the inverse offers of a machine's agents,
 * which the allocator keeps.
 */
export function viewMaintenanceStatus(
  state: MasterState,
  statusesOf: (machine: MachineInfo) => InverseOfferStatus[],
): ClusterStatus {
  const machines = [...state.machines.values()];
  return {
    draining_machines: machines
      .filter(({ mode }) => mode === "DRAINING")
      .map((machine) => ({ id: machine.id, statuses: statusesOf(machine) })),
    down_machines: machines.filter(({ mode }) => mode === "DOWN").map(({ id }) => id),
  };
}
