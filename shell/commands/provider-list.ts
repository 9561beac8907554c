import { agentUrl } from "@meseta/sdk/core/address.ts";
import { providerListing } from "../core/views/running.ts";
import { type Invocation, word } from "../invocation.ts";
import { listCommand } from "../io/print.ts";

export function run(invocation: Invocation): Promise<number> {
  return listCommand(invocation, async (cluster) => {
    const agent = cluster.agent(agentUrl(await cluster.node(word(invocation, "node"))));
    return providerListing((await agent.getResourceProviders()).resource_providers ?? []);
  });
}
