import { flagListing } from "../core/views/daemon.ts";
import type { Invocation } from "../invocation.ts";
import { listCommand } from "../io/print.ts";

export function run(invocation: Invocation): Promise<number> {
  return listCommand(invocation, async (cluster) => {
    const asked = (await cluster.chosenAgent(invocation.flags)) ?? cluster.master;
    return flagListing(await asked.getFlags());
  });
}
