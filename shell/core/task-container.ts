import type { ContainerID, Task } from "@meseta/api/mesos/generated/mesos.ts";

/** The container in which a task runs, as its last status that names one says. */
export function containerOf(task: Task): ContainerID | undefined {
  const told = task.statuses?.findLast((status) => status.container_status?.container_id);
  return told?.container_status?.container_id;
}
