import type { Task } from "@meseta/api/mesos/generated/mesos.ts";

/** The folder of a task's output, as its agent's `files` know it; a group's task has one within its executor's. */
export function sandboxOf(task: Task): string {
  const executor = task.executor_id?.value ?? task.task_id.value;
  const container = task.statuses?.findLast((status) => status.container_status?.container_id)?.container_status
    ?.container_id;
  const run = `/frameworks/${task.framework_id.value}/executors/${executor}/runs/latest`;
  return container?.parent ? `${run}/containers/${container.value}` : run;
}
