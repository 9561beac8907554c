import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import { sandboxOf } from "../core/sandbox.ts";
import { type Invocation, word } from "../invocation.ts";
import { withCluster } from "../io/cluster.ts";
import { agentWithFilesOf } from "../io/sandbox.ts";
import { Tail } from "../io/tail.ts";

/** How often a followed task is asked whether it has ended. */
const ASK_AGAIN_MS = 2000;

export function run(invocation: Invocation): Promise<number> {
  const { flags, terminal, args } = invocation;
  return withCluster(invocation, async (cluster) => {
    const task = await cluster.task(word(invocation, "task"), flags.text("framework"));
    const { agent } = await agentWithFilesOf(cluster, task);
    const path = `${sandboxOf(task)}/${args["file"] ?? "stdout"}`;
    const tail = new Tail(agent, path, (bytes) => terminal.out(bytes));
    const lines = flags.number("lines");
    if (lines !== undefined) await tail.skipToLast(lines);
    if (!flags.on("follow")) await tail.readAll();
    else
      await tail.follow(
        askNowAndThen(async () => isTerminal((await cluster.task(task.task_id.value, task.framework_id.value)).state)),
      );
    return 0;
  });
}

function askNowAndThen(ask: () => Promise<boolean>): () => Promise<boolean> {
  let askedMs = Number.NEGATIVE_INFINITY;
  return async () => {
    if (Date.now() - askedMs < ASK_AGAIN_MS) return false;
    askedMs = Date.now();
    return ask();
  };
}
