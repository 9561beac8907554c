import type { Task } from "@meseta/api/mesos/generated/mesos.ts";
import { containerOf } from "./task-container.ts";

/** The folder of a task's output, as its agent's `files` know it; a group's task has one within its executor's. */
export function sandboxOf(task: Task): string {
  const executor = task.executor_id?.value ?? task.task_id.value;
  const container = containerOf(task);
  const run = `/frameworks/${task.framework_id.value}/executors/${executor}/runs/latest`;
  return container?.parent ? `${run}/containers/${container.value}` : run;
}

/** A path as users write it, from the sandbox on; it cannot lead out of it. */
export function inSandbox(sandbox: string, path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return [sandbox, ...parts].join("/");
}
