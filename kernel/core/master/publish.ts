import type { TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import type { MasterOut } from "./out.ts";
import type { Agent, Framework, MasterState, MasterTask } from "./state.ts";
import { agentView } from "./views/agents.ts";
import { frameworkView } from "./views/frameworks.ts";

/** What operators who subscribed are told. Nothing is made when none did. */

export function publishTaskAdded(state: MasterState, { task }: MasterTask, out: MasterOut): void {
  if (state.subscribers.size > 0) out.publish({ type: "TASK_ADDED", task_added: { task } });
}

export function publishTaskUpdated(state: MasterState, { task }: MasterTask, status: TaskStatus, out: MasterOut): void {
  if (state.subscribers.size === 0) return;
  const { framework_id, state: now } = task;
  out.publish({ type: "TASK_UPDATED", task_updated: { framework_id, status, state: now } });
}

export function publishAgentAdded(state: MasterState, agent: Agent, out: MasterOut): void {
  if (state.subscribers.size === 0) return;
  out.publish({ type: "AGENT_ADDED", agent_added: { agent: agentView(state, agent) } });
}

export function publishAgentRemoved(state: MasterState, agentId: string, out: MasterOut): void {
  if (state.subscribers.size === 0) return;
  out.publish({ type: "AGENT_REMOVED", agent_removed: { agent_id: { value: agentId } } });
}

export function publishFrameworkAdded(state: MasterState, framework: Framework, out: MasterOut): void {
  if (state.subscribers.size === 0) return;
  out.publish({ type: "FRAMEWORK_ADDED", framework_added: { framework: frameworkView(state, framework) } });
}

export function publishFrameworkUpdated(state: MasterState, framework: Framework, out: MasterOut): void {
  if (state.subscribers.size === 0) return;
  out.publish({ type: "FRAMEWORK_UPDATED", framework_updated: { framework: frameworkView(state, framework) } });
}

export function publishFrameworkRemoved(state: MasterState, framework: Framework, out: MasterOut): void {
  if (state.subscribers.size === 0) return;
  out.publish({ type: "FRAMEWORK_REMOVED", framework_removed: { framework_info: framework.info } });
}
