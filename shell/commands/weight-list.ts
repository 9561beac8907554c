import { weightListing } from "../core/views/sharing.ts";
import type { Invocation } from "../invocation.ts";
import { listCommand } from "../io/print.ts";

export function run(invocation: Invocation): Promise<number> {
  return listCommand(invocation, async (cluster) => weightListing(await cluster.master.getWeights()));
}
