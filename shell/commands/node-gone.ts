import { counted } from "@meseta/lib/core/words.ts";
import { lastPart } from "../core/name.ts";
import { nodeId } from "../core/views/nodes.ts";
import { tasksOf } from "../core/views/tasks.ts";
import { type Invocation, word } from "../invocation.ts";
import { withCluster } from "../io/cluster.ts";
import { confirm } from "../io/confirm.ts";

export function run(invocation: Invocation): Promise<number> {
  return withCluster(invocation, async (cluster) => {
    const node = await cluster.node(word(invocation, "node"));
    const id = nodeId(node);
    const tasks = tasksOf(await cluster.master.getTasks(), false).filter((task) => task.agent_id.value === id);
    const what = `Remove ${node.agent_info.hostname} (${lastPart(id)}) for ever, with ${counted(tasks.length, "task")}`;
    await confirm(invocation, { what, name: lastPart(id) });
    await cluster.master.markAgentGone({ value: id });
    invocation.terminal.err(`○ ${lastPart(id)} gone · a new agent joins with: meseta agent --master URL\n`);
    return 0;
  });
}
