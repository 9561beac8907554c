import type { Task } from "@meseta/api/mesos/generated/mesos.ts";
import type { AgentState, AgentTask } from "../state.ts";

/** The task as the wire shows it. A command task has no executor id. */
export function toTask(state: AgentState, task: AgentTask): Task {
  const { info, executor, forwarded } = task;
  const shown: Task = {
    name: info.name,
    task_id: info.task_id,
    framework_id: { value: executor.framework.id },
    agent_id: { value: state.agentId! },
    state: task.state,
  };
  if (executor.kind !== "command") shown.executor_id = { value: executor.id };
  if (info.resources !== undefined) shown.resources = info.resources;
  if (task.statuses.length > 0) shown.statuses = [...task.statuses];
  if (forwarded !== undefined) {
    shown.status_update_state = forwarded.state;
    shown.status_update_uuid = forwarded.uuid;
  }
  for (const field of ["labels", "discovery", "container", "health_check", "kill_policy", "limits"] as const)
    if (info[field] !== undefined) Object.assign(shown, { [field]: info[field] });
  const user = info.command?.user;
  if (user !== undefined) shown.user = user;
  return shown;
}
