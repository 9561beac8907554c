import { CallRefused } from "@meseta/sdk/core/errors.ts";
import { asFailure } from "../as-failure.ts";
import { Failure } from "../core/failure.ts";
import { CLUSTER_FAILED, exitCodeOfWait } from "../core/run/exit-code.ts";
import type { Invocation } from "../invocation.ts";
import { withCluster } from "../io/cluster.ts";
import { waitForContainer } from "../io/container.ts";
import { converse } from "../io/conversation.ts";
import { type RunningTask, runningTask } from "../io/running-task.ts";

export async function run(invocation: Invocation): Promise<number> {
  try {
    return await withCluster(invocation, async (cluster) =>
      attach(await runningTask(cluster, invocation, "attach to"), invocation),
    );
  } catch (error) {
    throw asFailure(error, ["task", "attach"]).withExit(CLUSTER_FAILED);
  }
}

async function attach({ task, agent, url, container }: RunningTask, invocation: Invocation): Promise<number> {
  const interactive = invocation.flags.on("interactive");
  const tty = task.container?.tty_info !== undefined;
  const ended = waitForContainer(url, container);
  ended.catch(() => {}); // It matters only when there is nothing worse to tell.
  const output = await agent.attachContainerOutput(container);
  const ways = {
    stdin: interactive ? ("pass" as const) : ("leave" as const),
    tty: interactive && tty,
    detachable: true,
  };
  const id = task.task_id.value;
  try {
    if ((await converse(agent, container, output, ways, invocation.terminal)) === "ended")
      return exitCodeOfWait((await ended).exit_status ?? 0);
  } catch (error) {
    if (!(error instanceof CallRefused) || error.call !== "ATTACH_CONTAINER_INPUT") throw error;
    throw new Failure("not-interactive", { task: id, why: error.text }, error.url);
  }
  invocation.terminal.err(`\n○ left ${id}, which runs on · come back: meseta task attach -i ${id}\n`);
  return 0;
}
