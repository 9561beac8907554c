import { part } from "../core/listing.ts";
import { nodeDetails, nodeId } from "../core/views/nodes.ts";
import { taskListing, tasksOf } from "../core/views/tasks.ts";
import { type Invocation, word } from "../invocation.ts";
import { showCommand } from "../io/print.ts";

export function run(invocation: Invocation): Promise<number> {
  return showCommand(invocation, async (cluster) => {
    const [node, tasks, near] = await Promise.all([
      cluster.node(word(invocation, "node")),
      cluster.master.getTasks(),
      cluster.neighbours(),
    ]);
    const here = tasksOf(tasks, false).filter((task) => task.agent_id.value === nodeId(node));
    return nodeDetails(node, [part("Tasks", taskListing(here, near, Date.now()))]);
  });
}
