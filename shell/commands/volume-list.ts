import { volumeListing, volumesOf } from "../core/views/volumes.ts";
import type { Invocation } from "../invocation.ts";
import { listCommand } from "../io/print.ts";

export function run(invocation: Invocation): Promise<number> {
  return listCommand(invocation, async (cluster) => volumeListing(volumesOf(await cluster.nodes())));
}
