import { executorListing } from "../core/views/running.ts";
import type { Invocation } from "../invocation.ts";
import { listCommand } from "../io/print.ts";

export function run(invocation: Invocation): Promise<number> {
  return listCommand(invocation, async (cluster) => {
    const [executors, near] = await Promise.all([cluster.master.getExecutors(), cluster.neighbours()]);
    return executorListing(executors, near);
  });
}
