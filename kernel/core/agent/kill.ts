import type { EventKill } from "@meseta/api/mesos/generated/link.ts";
import type { KillPolicy } from "@meseta/api/mesos/generated/mesos.ts";
import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import { killCustom, shutdownCustom } from "./custom.ts";
import { completeFramework, taskForgotten } from "./executors.ts";
import { killRunOf, shutdownInside } from "./inside.ts";
import { stopProbing } from "./probing.ts";
import type { AgentTask, Executor, Framework, Turn } from "./state.ts";
import { bareStatus } from "./status.ts";
import { dropUpdates, updateUnknown } from "./updates.ts";

/** KILL from the master. A task that is not here is answered, unless its end is already on its way. */
export function kill(turn: Turn, { framework_id, task_id, kill_policy }: EventKill): void {
  const framework = turn.state.frameworks.get(framework_id.value);
  const task = framework?.tasks.get(task_id.value);
  if (task !== undefined) return killTask(turn, task, kill_policy);
  if (framework === undefined || isKnownToBeOver(turn, framework, task_id.value)) return;
  updateUnknown(
    turn,
    framework,
    bareStatus(turn, framework, task_id.value, {
      state: "TASK_DROPPED",
      message: "Cannot find executor",
      reason: "REASON_EXECUTOR_TERMINATED",
      source: "SOURCE_AGENT",
    }),
  );
}

/** Ends one task as its executor does it. */
export function killTask(turn: Turn, task: AgentTask, policy: KillPolicy | undefined): void {
  if (isTerminal(task.state)) return;
  stopProbing(turn, task);
  if (task.run === undefined) killCustom(turn, task, policy);
  else killRunOf(turn, task, policy, "asked");
}

/** SHUTDOWN_EXECUTOR: ends the executor with all its tasks, within its grace. */
export function shutdownExecutor(turn: Turn, executor: Executor): void {
  if (executor.state === "terminated") return;
  if (executor.kind === "custom") return shutdownCustom(turn, executor);
  executor.state = "terminating";
  shutdownInside(turn, executor);
}

/** SHUTDOWN_FRAMEWORK: the framework was removed. Its executors end, and nobody wants to hear of its tasks any more. */
export function shutdownFramework(turn: Turn, frameworkId: string): void {
  const framework = turn.state.frameworks.get(frameworkId);
  if (framework === undefined || framework.removed) return;
  framework.removed = true;
  dropUpdates(turn, framework);
  for (const executor of [...framework.executors.values()]) {
    for (const task of [...executor.tasks.values()]) forgetEnded(turn, task);
    shutdownExecutor(turn, executor);
  }
  completeFramework(turn, framework);
}

function forgetEnded(turn: Turn, task: AgentTask): void {
  if (isTerminal(task.state)) taskForgotten(turn, task);
}

function isKnownToBeOver(turn: Turn, framework: Framework, taskId: string): boolean {
  if (turn.state.updates.has(`${framework.id}/${taskId}`)) return true;
  const among = (tasks: readonly { task_id: { value: string } }[]) =>
    tasks.some((task) => task.task_id.value === taskId);
  return (
    framework.completed.some((executor) => among(executor.tasks)) ||
    [...framework.executors.values()].some((executor) => among(executor.completedTasks.map((task) => task.info)))
  );
}
