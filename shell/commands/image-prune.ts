import { agentUrl } from "@meseta/sdk/core/address.ts";
import { lastPart } from "../core/name.ts";
import { nodeId } from "../core/views/nodes.ts";
import { type Invocation, word } from "../invocation.ts";
import { withCluster } from "../io/cluster.ts";
import { confirm } from "../io/confirm.ts";

export function run(invocation: Invocation): Promise<number> {
  return withCluster(invocation, async (cluster) => {
    const node = await cluster.node(word(invocation, "node"));
    await confirm(invocation, { what: `Remove the images on ${node.agent_info.hostname} that no container uses` });
    await cluster.agent(agentUrl(node)).pruneImages();
    invocation.terminal.err(`Unused images of ${lastPart(nodeId(node))} are removed.\n`);
    return 0;
  });
}
