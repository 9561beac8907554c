import type { ContainerID, Task } from "@meseta/api/mesos/generated/mesos.ts";
import type { AgentClient } from "@meseta/sdk/operator/agent.ts";
import { Failure } from "../core/failure.ts";
import { lastPart } from "../core/name.ts";
import { shown, taskLooks } from "../core/state.ts";
import { containerOf } from "../core/task-container.ts";
import { type Invocation, word } from "../invocation.ts";
import type { Cluster } from "./cluster.ts";

/** A task that runs, where its container is. */
export interface RunningTask {
  readonly task: Task;
  readonly agent: AgentClient;
  /** Base URL of its agent. */
  readonly url: string;
  readonly container: ContainerID;
}

/** The task that a command line means; fails with what was wanted (`what`, as in "attach to") when it does not run. */
export async function runningTask(cluster: Cluster, invocation: Invocation, what: string): Promise<RunningTask> {
  const task = await cluster.task(word(invocation, "task"), invocation.flags.text("framework"));
  const url = await cluster.agentUrlOf(task);
  const container = containerOf(task);
  if (task.state === "TASK_RUNNING" && container !== undefined && url !== undefined)
    return { task, agent: cluster.agent(url), url, container };
  const isAway = task.state === "TASK_RUNNING" && url === undefined;
  const why = isAway
    ? `its agent ${lastPart(task.agent_id.value)} is not there`
    : `it is ${shown(taskLooks[task.state])}`;
  throw new Failure("task-not-running", { what, task: task.task_id.value, why });
}
