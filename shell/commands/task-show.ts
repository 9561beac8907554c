import { sandboxOf } from "../core/sandbox.ts";
import { taskDetails } from "../core/views/tasks.ts";
import { type Invocation, word } from "../invocation.ts";
import { showCommand } from "../io/print.ts";

export function run(invocation: Invocation): Promise<number> {
  return showCommand(invocation, async (cluster) => {
    const [task, near] = await Promise.all([
      cluster.task(word(invocation, "task"), invocation.flags.text("framework")),
      cluster.neighbours(),
    ]);
    return taskDetails(task, near, sandboxOf(task));
  });
}
