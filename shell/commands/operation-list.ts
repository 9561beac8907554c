import { operationListing } from "../core/views/running.ts";
import type { Invocation } from "../invocation.ts";
import { listCommand } from "../io/print.ts";

export function run(invocation: Invocation): Promise<number> {
  return listCommand(invocation, async (cluster) => {
    const [operations, near] = await Promise.all([cluster.master.getOperations(), cluster.neighbours()]);
    return operationListing(operations, near);
  });
}
