import { nodeId } from "../core/views/nodes.ts";
import { type Invocation, word } from "../invocation.ts";
import { withCluster } from "../io/cluster.ts";
import { confirm } from "../io/confirm.ts";
import { readResources, reserved } from "../io/resources.ts";

export function run(invocation: Invocation): Promise<number> {
  const resources = reserved(invocation, readResources(word(invocation, "resources")));
  return withCluster(invocation, async (cluster) => {
    const node = await cluster.node(word(invocation, "node"));
    const what = `Give back ${word(invocation, "resources")} of ${invocation.flags.text("role")} on ${node.agent_info.hostname}`;
    await confirm(invocation, { what });
    await cluster.master.unreserveResources({ value: nodeId(node) }, resources);
    invocation.terminal.err(`Given back · see it: meseta node show ${word(invocation, "node")}\n`);
    return 0;
  });
}
