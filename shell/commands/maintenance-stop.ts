import { machineText, parseMachine } from "../core/views/maintenance.ts";
import { type Invocation, words } from "../invocation.ts";
import { withCluster } from "../io/cluster.ts";

export function run(invocation: Invocation): Promise<number> {
  const machines = words(invocation, "machine").map(parseMachine);
  return withCluster(invocation, async ({ master }) => {
    await master.stopMaintenance(machines);
    invocation.terminal.err(`● ${machines.map(machineText).join(", ")} may join again · see it: meseta node list\n`);
    return 0;
  });
}
