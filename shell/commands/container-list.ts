import { agentUrl } from "@meseta/sdk/core/address.ts";
import { containerListing } from "../core/views/running.ts";
import { type Invocation, word } from "../invocation.ts";
import { listCommand } from "../io/print.ts";

export function run(invocation: Invocation): Promise<number> {
  return listCommand(invocation, async (cluster) => {
    const agent = cluster.agent(agentUrl(await cluster.node(word(invocation, "node"))));
    const show_nested = invocation.flags.on("nested");
    return containerListing(await agent.getContainers({ show_nested, show_standalone: true }));
  });
}
