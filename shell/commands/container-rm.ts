import { agentUrl } from "@meseta/sdk/core/address.ts";
import { parseContainerPath } from "../core/views/running.ts";
import { type Invocation, word } from "../invocation.ts";
import { withCluster } from "../io/cluster.ts";
import { confirm } from "../io/confirm.ts";

export function run(invocation: Invocation): Promise<number> {
  const path = word(invocation, "container");
  return withCluster(invocation, async (cluster) => {
    const agent = cluster.agent(agentUrl(await cluster.node(word(invocation, "node"))));
    await confirm(invocation, { what: `Remove container ${path} and its sandbox` });
    await agent.removeContainer(parseContainerPath(path));
    invocation.terminal.err(`Container ${path} is removed.\n`);
    return 0;
  });
}
