import { maintenanceListing, plannedMachines } from "../core/views/maintenance.ts";
import type { Invocation } from "../invocation.ts";
import { listCommand } from "../io/print.ts";

export function run(invocation: Invocation): Promise<number> {
  return listCommand(invocation, async ({ master }) => {
    const [schedule, status] = await Promise.all([master.getMaintenanceSchedule(), master.getMaintenanceStatus()]);
    return maintenanceListing(plannedMachines(schedule, status), Date.now());
  });
}
