import type { OperationState, TaskState } from "@meseta/api/mesos/generated/mesos.ts";
import type {
  CallReconcile,
  CallReconcileOperations,
  CallReconcileOperationsOperation,
  CallReconcileTask,
} from "@meseta/api/mesos/generated/scheduler.ts";
import { count } from "./counters.ts";
import { statusOf, tellStatus } from "./operations.ts";
import type { MasterOut } from "./out.ts";
import type { Framework, MasterState, MasterTask } from "./state.ts";
import { masterStatus, stateFor, statusOfTask } from "./statuses.ts";
import { forward } from "./updates.ts";

/** RECONCILE: the state of the tasks that are named or, when none is, of all that the master holds for the framework. */
export function reconcile(
  state: MasterState,
  framework: Framework,
  { tasks = [] }: CallReconcile,
  nowMs: number,
  out: MasterOut,
): void {
  count(state, "messages_reconcile_tasks");
  if (tasks.length === 0) for (const entry of framework.tasks.values()) answerKnown(framework, entry, nowMs, out);
  const recovering = whetherAnyIsRecovered(state);
  for (const task of tasks) reconcileTask(state, framework, task, nowMs, out, recovering);
}

/** One task, by the table of the reference; the first line that fits counts. There may be no answer: the agent could still come and know better. */
export function reconcileTask(
  state: MasterState,
  framework: Framework,
  { task_id, agent_id }: CallReconcileTask,
  nowMs: number,
  out: MasterOut,
  recovering = whetherAnyIsRecovered(state),
): void {
  const entry = framework.tasks.get(task_id.value);
  if (entry !== undefined) return answerKnown(framework, entry, nowMs, out);
  // Who does not name the agent gets the same answer when the master itself knows it.
  const agentId = agent_id?.value ?? framework.unreachableTasks.get(task_id.value)?.task.agent_id.value;
  const found = whereabouts(state, agentId, recovering);
  if (found === "recovered") return;
  const [taskState, message] = UNKNOWN_TASK[found];
  const unreachableMs = state.unreachableAgents.get(agentId ?? "")?.unreachableMs;
  const status = masterStatus(
    {
      taskId: task_id.value,
      agentId,
      state: stateFor(framework, taskState),
      message: `Reconciliation: ${message}`,
      reason: "REASON_RECONCILIATION",
      unreachableMs,
    },
    nowMs,
  );
  forward(framework, status, out);
}

/** RECONCILE_OPERATIONS: as RECONCILE; the answers are events, without uuid. */
export function reconcileOperations(
  state: MasterState,
  framework: Framework,
  { operations = [] }: CallReconcileOperations,
  out: MasterOut,
): void {
  count(state, "messages_reconcile_operations");
  if (operations.length === 0)
    for (const uuid of framework.operations.values()) answerKnownOperation(state, framework, uuid, out);
  const recovering = whetherAnyIsRecovered(state);
  for (const operation of operations) reconcileOperation(state, framework, operation, recovering, out);
}

type Whereabouts = "recovered" | "registered" | "unreachable" | "gone" | "unknown";

const UNKNOWN_TASK: Readonly<Record<Exclude<Whereabouts, "recovered">, readonly [TaskState, string]>> = {
  registered: ["TASK_GONE", "Task is unknown to the agent"],
  unreachable: ["TASK_UNREACHABLE", "Task is unreachable"],
  gone: ["TASK_GONE_BY_OPERATOR", "Task is gone"],
  unknown: ["TASK_UNKNOWN", "Task is unknown"],
};

const UNKNOWN_OPERATION: Readonly<Record<Whereabouts, readonly [OperationState, string]>> = {
  recovered: ["OPERATION_RECOVERING", "Agent is recovered but has not re-registered"],
  registered: ["OPERATION_UNKNOWN", "Operation is unknown"],
  unreachable: ["OPERATION_UNREACHABLE", "Agent is unreachable"],
  gone: ["OPERATION_GONE_BY_OPERATOR", "Agent marked gone by operator"],
  unknown: ["OPERATION_UNKNOWN", "Operation and agent are unknown"],
};

// Without an agent, any that has not come back yet could have it.
function whereabouts(state: MasterState, agentId: string | undefined, recovering: () => boolean): Whereabouts {
  if (agentId === undefined) return recovering() ? "recovered" : "unknown";
  const agent = state.agents.get(agentId);
  if (agent !== undefined) return agent.connection === "recovered" ? "recovered" : "registered";
  if (state.unreachableAgents.has(agentId)) return "unreachable";
  return state.goneAgents.has(agentId) ? "gone" : "unknown";
}

// A call may name a hundred thousand tasks: the agents are gone through once for all of them.
function whetherAnyIsRecovered({ agents }: MasterState): () => boolean {
  let known: boolean | undefined;
  return () => (known ??= agents.values().some(({ connection }) => connection === "recovered"));
}

function answerKnown(framework: Framework, { task }: MasterTask, nowMs: number, out: MasterOut): void {
  const state = task.status_update_state ?? task.state;
  const message = "Reconciliation: Latest task state";
  forward(framework, statusOfTask(task, { state, message, reason: "REASON_RECONCILIATION" }, nowMs), out);
}

function reconcileOperation(
  state: MasterState,
  framework: Framework,
  { operation_id, agent_id }: CallReconcileOperationsOperation,
  recovering: () => boolean,
  out: MasterOut,
): void {
  const uuid = framework.operations.get(operation_id.value);
  if (uuid !== undefined) return answerKnownOperation(state, framework, uuid, out);
  const found = whereabouts(state, agent_id?.value, recovering);
  const [operationState, text] = UNKNOWN_OPERATION[found];
  const message = agent_id === undefined ? noAgentText(found) : text;
  const named = { id: operation_id };
  tellStatus(framework, statusOf(named, operationState, `Reconciliation: ${message}`, agent_id?.value), out);
}

function noAgentText(found: Whereabouts): string {
  return found === "recovered"
    ? "Operation is unknown, and not all agents have re-registered"
    : "Operation is unknown and no 'agent_id' was provided";
}

function answerKnownOperation(state: MasterState, framework: Framework, uuid: string, out: MasterOut): void {
  const held = state.operations.get(uuid);
  if (held === undefined) return;
  const { uuid: _, ...status } = held.operation.latest_status;
  tellStatus(framework, { ...status, operation_id: held.operation.info.id, agent_id: { value: held.agentId } }, out);
}
