import { nodeListing } from "../core/views/nodes.ts";
import type { Invocation } from "../invocation.ts";
import { listCommand } from "../io/print.ts";

export function run(invocation: Invocation): Promise<number> {
  return listCommand(invocation, async (cluster) => nodeListing(await cluster.nodes(), Date.now()));
}
