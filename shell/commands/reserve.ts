import { nodeId } from "../core/views/nodes.ts";
import { type Invocation, word } from "../invocation.ts";
import { withCluster } from "../io/cluster.ts";
import { readResources, reserved } from "../io/resources.ts";

export function run(invocation: Invocation): Promise<number> {
  const resources = reserved(invocation, readResources(word(invocation, "resources")));
  return withCluster(invocation, async (cluster) => {
    const node = await cluster.node(word(invocation, "node"));
    await cluster.master.reserveResources({ value: nodeId(node) }, resources);
    const role = invocation.flags.text("role");
    invocation.terminal.err(
      `Reserved for ${role} on ${node.agent_info.hostname} · see it: meseta node show ${word(invocation, "node")}\n`,
    );
    return 0;
  });
}
