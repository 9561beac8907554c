import type { MessageUpdate } from "@meseta/api/mesos/generated/link.ts";
import type { TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import type { CallAcknowledge } from "@meseta/api/mesos/generated/scheduler.ts";
import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import { count } from "./counters.ts";
import { isOver } from "./history.ts";
import type { MasterOut } from "./out.ts";
import type { Agent, Framework, MasterState } from "./state.ts";
import { stateFor } from "./statuses.ts";
import { removeTask, updateTask } from "./tasks.ts";
import { tell, tellAgent } from "./tell.ts";

/** An agent tells of one of its tasks. Nothing of it is saved: the agent keeps it, and sends it again, until the framework acknowledged. */
export function receiveUpdate(
  state: MasterState,
  agent: Agent,
  update: MessageUpdate,
  nowMs: number,
  out: MasterOut,
): void {
  count(state, "messages_status_update");
  const framework = state.frameworks.get(update.framework_id.value);
  if (framework === undefined) return updateWithoutFramework(state, agent, update, out);
  const status = statusFrom(agent, framework, update.status);
  const latest = update.latest_state && stateFor(framework, update.latest_state);
  const entry = framework.tasks.get(status.task_id.value);
  if (entry === undefined && isTooLate(framework, agent, status)) return acknowledgeAlone(state, agent, update, out);
  const forwarded = forward(framework, status, out);
  const known = entry !== undefined && entry.task.agent_id.value === agent.id;
  count(state, known && forwarded ? "valid_status_updates" : "invalid_status_updates");
  if (!known) return;
  entry.awaitsAcknowledgement = status.uuid !== undefined;
  updateTask(state, framework, entry, status, latest, out);
  // What has no uuid will not be acknowledged.
  if (status.uuid === undefined && isTerminal(status.state)) removeTask(state, entry, nowMs, out);
}

// An agent that is asked for a task that it never had does not know what its framework understands.
function statusFrom(agent: Agent, framework: Framework, status: TaskStatus): TaskStatus {
  const state = stateFor(framework, status.state);
  if (status.agent_id?.value === agent.id && status.state === state) return status;
  return { ...status, state, agent_id: { value: agent.id } };
}

/** Sends the framework a status; lost when it is not subscribed. */
export function forward(framework: Framework, status: TaskStatus, out: MasterOut): boolean {
  return tell(framework, { type: "UPDATE", update: { status } }, out);
}

/** ACKNOWLEDGE: on to the agent, and the task is forgotten when it was the last that there is to know. */
export function acknowledge(
  state: MasterState,
  framework: Framework,
  { agent_id, task_id, uuid }: CallAcknowledge,
  nowMs: number,
  out: MasterOut,
): void {
  count(state, "messages_status_update_acknowledgement");
  const agent = state.agents.get(agent_id.value);
  const entry = framework.tasks.get(task_id.value);
  const held = entry?.task.agent_id.value === agent_id.value ? entry : undefined;
  if (agent?.stream === undefined || (held !== undefined && held.task.status_update_state === undefined)) {
    count(state, "invalid_status_update_acknowledgements");
    return out.log("warn", "An acknowledgement was dropped: its agent is not connected, or its update was never sent", {
      framework: framework.id,
      task: task_id.value,
      agent: agent_id.value,
    });
  }
  count(state, "valid_status_update_acknowledgements");
  tellAgent(agent, { type: "ACKNOWLEDGE", acknowledge: { framework_id: { value: framework.id }, task_id, uuid } }, out);
  if (held === undefined || held.task.status_update_uuid !== uuid) return;
  held.awaitsAcknowledgement = false;
  if (isTerminal(held.task.status_update_state!)) removeTask(state, held, nowMs, out);
}

// A framework that was removed acknowledges nothing any more.
function updateWithoutFramework(state: MasterState, agent: Agent, update: MessageUpdate, out: MasterOut): void {
  const { framework_id, status } = update;
  if (!state.removedFrameworks.has(framework_id.value)) {
    count(state, "invalid_status_updates");
    return out.log("warn", "A status update was dropped: its framework is not known", {
      framework: framework_id.value,
      task: status.task_id.value,
      agent: agent.id,
    });
  }
  acknowledgeAlone(state, agent, update, out);
}

// Its loss was told when the agent was disconnected, so the framework has started another: that it ran would be no news but a lie.
function isTooLate(framework: Framework, agent: Agent, { state, task_id }: TaskStatus): boolean {
  return framework.info.checkpoint !== true && !isTerminal(state) && isOver(framework, task_id.value, agent.id);
}

// In the framework's stead: else the agent would send the update for ever.
function acknowledgeAlone(state: MasterState, agent: Agent, update: MessageUpdate, out: MasterOut): void {
  const { framework_id, status } = update;
  count(state, "invalid_status_updates");
  if (status.uuid === undefined) return;
  const acknowledge = { framework_id, task_id: status.task_id, uuid: status.uuid };
  tellAgent(agent, { type: "ACKNOWLEDGE", acknowledge }, out);
}
