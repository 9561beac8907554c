import { randomUUID } from "node:crypto";
import { agentUrl } from "@meseta/sdk/core/address.ts";
import { commandOf } from "../core/run/wish.ts";
import { splitPair } from "../core/values.ts";
import { type Invocation, word, words } from "../invocation.ts";
import { withCluster } from "../io/cluster.ts";
import { readResources } from "../io/resources.ts";

export function run(invocation: Invocation): Promise<number> {
  const { flags, terminal } = invocation;
  const user = flags.text("user");
  const command = commandOf(words(invocation, "command"), flags.list("env").map(splitPair));
  const resources = readResources(flags.text("resources")!);
  return withCluster(invocation, async (cluster) => {
    const id = randomUUID();
    const agent = cluster.agent(agentUrl(await cluster.node(word(invocation, "node"))));
    await agent.launchContainer({
      container_id: { value: id },
      command: { ...command, ...(user !== undefined && { user }) },
      resources,
    });
    terminal.out(`${id}\n`);
    terminal.err(`● running · wait for it: meseta container wait ${word(invocation, "node")} ${id.slice(0, 8)}\n`);
    return 0;
  });
}
