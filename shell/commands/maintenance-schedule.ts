import { iso, span } from "../core/since.ts";
import { machineText, parseMachine, withoutMachines } from "../core/views/maintenance.ts";
import { type Invocation, words } from "../invocation.ts";
import { withCluster } from "../io/cluster.ts";

/** There is one schedule for the cluster: the machines' windows are replaced in it, all others stay. */
export function run(invocation: Invocation): Promise<number> {
  const { flags, terminal } = invocation;
  const machines = words(invocation, "machine").map(parseMachine);
  const names = machines.map(machineText).join(", ");
  return withCluster(invocation, async ({ master }) => {
    const windows = withoutMachines(await master.getMaintenanceSchedule(), machines);
    if (flags.on("cancel")) {
      await master.updateMaintenanceSchedule({ windows });
      terminal.err(`${names}: no maintenance is planned any more.\n`);
      return 0;
    }
    const startMs = Date.now() + flags.number("in")!;
    const forMs = flags.number("for");
    const duration = forMs === undefined ? {} : { duration: { nanoseconds: forMs * 1e6 } };
    windows.push({ machine_ids: machines, unavailability: { start: { nanoseconds: startMs * 1e6 }, ...duration } });
    await master.updateMaintenanceSchedule({ windows });
    const lasting = forMs === undefined ? "without an end" : `for ${span(forMs)}`;
    terminal.err(`${names}: maintenance from ${iso(startMs)} ${lasting} · see who agrees: meseta maintenance show\n`);
    return 0;
  });
}
