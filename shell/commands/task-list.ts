import { nodeId } from "../core/views/nodes.ts";
import { taskListing, tasksOf } from "../core/views/tasks.ts";
import type { Invocation } from "../invocation.ts";
import { listCommand } from "../io/print.ts";

export function run(invocation: Invocation): Promise<number> {
  const { flags } = invocation;
  const [frameworkWord, nodeWord] = [flags.text("framework"), flags.text("node")];
  return listCommand(invocation, async (cluster) => {
    const [answer, near, framework, node] = await Promise.all([
      cluster.master.getTasks(),
      cluster.neighbours(),
      frameworkWord === undefined ? undefined : cluster.framework(frameworkWord),
      nodeWord === undefined ? undefined : cluster.node(nodeWord),
    ]);
    const tasks = tasksOf(answer, flags.on("all")).filter(
      (task) =>
        (!framework || task.framework_id.value === framework.framework_info.id?.value) &&
        (!node || task.agent_id.value === nodeId(node)),
    );
    return taskListing(tasks, near, Date.now());
  });
}
