import { exitCodeOfWait } from "../core/run/exit-code.ts";
import type { Invocation } from "../invocation.ts";
import { withCluster } from "../io/cluster.ts";
import { endOfContainer } from "../io/container.ts";

export function run(invocation: Invocation): Promise<number> {
  return withCluster(invocation, async (cluster) => {
    const ended = await endOfContainer(cluster, invocation);
    if (ended.message) invocation.terminal.err(`${ended.message}\n`);
    return exitCodeOfWait(ended.exit_status ?? 0);
  });
}
