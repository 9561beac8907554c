import { lastPart } from "../core/name.ts";
import { nodeId } from "../core/views/nodes.ts";
import { type Invocation, word } from "../invocation.ts";
import { withCluster } from "../io/cluster.ts";

export function run(invocation: Invocation): Promise<number> {
  return withCluster(invocation, async (cluster) => {
    const id = nodeId(await cluster.node(word(invocation, "node")));
    await cluster.master.deactivateAgent({ value: id });
    invocation.terminal.err(`○ ${lastPart(id)} deactivated · undo it: meseta node activate ${lastPart(id)}\n`);
    return 0;
  });
}
