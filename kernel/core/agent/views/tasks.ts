import type { ResponseGetTasks } from "@meseta/api/mesos/generated/agent.ts";
import type { Task } from "@meseta/api/mesos/generated/mesos.ts";
import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import type { AgentState, AgentTask, Executor } from "../state.ts";
import { toTask } from "./task.ts";

/** GET_TASKS: queued at their executor, running, ended but not acknowledged, and over. */
export function tasksView(state: AgentState): ResponseGetTasks {
  const view = {
    pending_tasks: [] as Task[],
    queued_tasks: [] as Task[],
    launched_tasks: [] as Task[],
    terminated_tasks: [] as Task[],
  };
  for (const executor of state.executors.values()) {
    for (const task of executor.tasks.values()) {
      if (isQueued(task)) view.queued_tasks.push(toTask(state, task));
      else if (isTerminal(task.state)) view.terminated_tasks.push(toTask(state, task));
      else view.launched_tasks.push(toTask(state, task));
    }
  }
  return { ...view, completed_tasks: completedTasks(state) };
}

export function isQueued(task: AgentTask): boolean {
  return task.state === "TASK_STAGING" && (task.run !== undefined || !task.delivered);
}

/** Tasks of which all is told, of executors that still run and of those that do not. */
export function completedTasksOf(state: AgentState, executor: Executor): Task[] {
  return executor.completedTasks.map((task) => toTask(state, task));
}

function completedTasks(state: AgentState): Task[] {
  const tasks: Task[] = [];
  for (const executor of state.executors.values()) tasks.push(...completedTasksOf(state, executor));
  for (const framework of state.frameworks.values())
    for (const executor of framework.completed) tasks.push(...executor.tasks);
  for (const framework of state.completedFrameworks.values())
    for (const executor of framework.executors) tasks.push(...executor.tasks);
  return tasks;
}
