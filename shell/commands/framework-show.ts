import { part } from "../core/listing.ts";
import { frameworkDetails, frameworkId } from "../core/views/frameworks.ts";
import { taskListing, tasksOf } from "../core/views/tasks.ts";
import { type Invocation, word } from "../invocation.ts";
import { showCommand } from "../io/print.ts";

export function run(invocation: Invocation): Promise<number> {
  return showCommand(invocation, async (cluster) => {
    const [framework, tasks, near] = await Promise.all([
      cluster.framework(word(invocation, "framework")),
      cluster.master.getTasks(),
      cluster.neighbours(),
    ]);
    const own = tasksOf(tasks, false).filter((task) => task.framework_id.value === frameworkId(framework));
    return frameworkDetails(framework, [part("Tasks", taskListing(own, near, Date.now()))]);
  });
}
