import { frameworkListing } from "../core/views/frameworks.ts";
import type { Invocation } from "../invocation.ts";
import { listCommand } from "../io/print.ts";

export function run(invocation: Invocation): Promise<number> {
  const withEnded = invocation.flags.on("all");
  return listCommand(invocation, async (cluster) => frameworkListing(await cluster.frameworks(withEnded), Date.now()));
}
