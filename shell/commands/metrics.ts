import { glob } from "../core/listing.ts";
import { metricListing } from "../core/views/daemon.ts";
import type { Invocation } from "../invocation.ts";
import { listCommand } from "../io/print.ts";

export function run(invocation: Invocation): Promise<number> {
  const pattern = glob(String(invocation.args["pattern"] ?? "*"));
  return listCommand(invocation, async (cluster) => {
    const asked = (await cluster.chosenAgent(invocation.flags)) ?? cluster.master;
    const metrics = await asked.getMetrics();
    return metricListing(metrics.filter(({ name }) => pattern.test(name)));
  });
}
