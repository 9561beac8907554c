import { machineText, parseMachine } from "../core/views/maintenance.ts";
import { type Invocation, words } from "../invocation.ts";
import { withCluster } from "../io/cluster.ts";
import { confirm } from "../io/confirm.ts";

export function run(invocation: Invocation): Promise<number> {
  const machines = words(invocation, "machine").map(parseMachine);
  const names = machines.map(machineText).join(", ");
  return withCluster(invocation, async ({ master }) => {
    const what = `Take ${names} out of service, ending all tasks there`;
    await confirm(invocation, { what, name: machines.length > 1 ? String(machines.length) : undefined });
    await master.startMaintenance(machines);
    invocation.terminal.err(`○ ${names} down · back in service later: meseta maintenance stop MACHINE\n`);
    return 0;
  });
}
