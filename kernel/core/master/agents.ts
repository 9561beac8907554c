import type { Task, TaskState, TaskStatusReason } from "@meseta/api/mesos/generated/mesos.ts";
import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import { count } from "./counters.ts";
import { complete } from "./history.ts";
import { rescindInverseOffersOfAgent, rescindOffersOfAgent } from "./offers.ts";
import { loseOperations } from "./operations.ts";
import type { MasterOut } from "./out.ts";
import { publishAgentRemoved, publishTaskUpdated } from "./publish.ts";
import { saveUnreachable } from "./records.ts";
import { keys, type SavedGone, type SavedRemoved } from "./saved.ts";
import type { Agent, Framework, MasterState, MasterTask } from "./state.ts";
import { stateFor, statusOfTask } from "./statuses.ts";
import { detachTask, updateTask } from "./tasks.ts";
import { tellAgent, tellAll } from "./tell.ts";
import { forward } from "./updates.ts";

/** Where an agent listens; a second agent there is the same machine's, set up anew. Hosts that are all called localhost stay apart. */
export function placeOf({ hostname, port }: { hostname: string; port?: number | undefined }, address: string): string {
  return `${hostname.toLowerCase()}/${address}:${port ?? 5051}`;
}

/** Tells the agent to stop and to kill all its tasks. What the master knows of it stays until it is removed. */
export function shutdownAgent(state: MasterState, agentId: string, message: string, out: MasterOut): void {
  const agent = state.agents.get(agentId);
  if (agent !== undefined) tellAgent(agent, { type: "SHUTDOWN", shutdown: { message } }, out);
}

/**
 * The agent is given up for now: its tasks count as unreachable (lost, to frameworks that are not PARTITION_AWARE), and it is
 * welcome to come back with them. An unknown id is ignored.
 */
export function markUnreachable(
  state: MasterState,
  agentId: string,
  message: string,
  nowMs: number,
  out: MasterOut,
): void {
  const agent = state.agents.get(agentId);
  if (agent === undefined) return;
  const { info, deactivated, drain } = agent;
  const unreachable = { id: agentId, info, unreachableMs: nowMs, deactivated, drain: drain?.config };
  state.unreachableAgents.set(agentId, unreachable);
  saveUnreachable(unreachable, out);
  count(state, agent.connection === "recovered" ? "recovery_slave_removals" : "slave_unreachable_completed");
  count(state, "slave_removals");
  count(
    state,
    agent.connection === "recovered" ? "slave_removals/reason_unregistered" : "slave_removals/reason_unhealthy",
  );
  loseTasks(state, agent, { state: "TASK_UNREACHABLE", message, reason: "REASON_AGENT_REMOVED" }, nowMs, out);
  loseOperations(state, agent, "OPERATION_UNREACHABLE", message, out);
  dropAgent(state, agent, out);
  out.log("warn", "The agent is unreachable", { agent: agentId, hostname: info.hostname, reason: message });
}

/** The agent never comes back: its tasks are gone, it is told to stop now, or whenever it tries to return. Irreversible. */
export function markGone(state: MasterState, agentId: string, nowMs: number, out: MasterOut): void {
  if (state.goneAgents.has(agentId)) return;
  const saved: SavedGone = { goneMs: nowMs };
  state.goneAgents.set(agentId, saved);
  state.version++;
  out.save(keys.gone(agentId), saved);
  if (state.unreachableAgents.delete(agentId)) {
    out.erase(keys.unreachable(agentId));
    loseUnreachableTasks(state, agentId, nowMs, out);
  }
  const agent = state.agents.get(agentId);
  if (agent === undefined) return;
  count(state, "slave_removals");
  shutdownAgent(state, agentId, GONE.message, out);
  loseTasks(state, agent, GONE, nowMs, out);
  loseOperations(state, agent, "OPERATION_GONE_BY_OPERATOR", GONE.message, out);
  dropAgent(state, agent, out);
  out.log("warn", "The agent is gone", { agent: agentId, hostname: agent.info.hostname });
}

/**
 * The agent left, or must leave: its tasks are lost, to every framework alike, and its id never comes back. Unlike the others this one
 * is published.
 */
export function removeAgent(state: MasterState, agentId: string, message: string, nowMs: number, out: MasterOut): void {
  const agent = state.agents.get(agentId);
  if (agent === undefined) return;
  count(state, "slave_removals");
  count(state, "slave_removals/reason_registered");
  const saved: SavedRemoved = { removedMs: nowMs };
  state.removedAgents.set(agentId, saved);
  out.save(keys.removedAgent(agentId), saved);
  loseTasks(state, agent, { state: "TASK_LOST", message, reason: "REASON_AGENT_REMOVED" }, nowMs, out);
  loseOperations(state, agent, "OPERATION_UNREACHABLE", message, out);
  dropAgent(state, agent, out);
  publishAgentRemoved(state, agentId, out);
  out.log("info", "The agent is removed", { agent: agentId, hostname: agent.info.hostname, reason: message });
}

interface Loss {
  readonly state: TaskState;
  readonly message: string;
  readonly reason: TaskStatusReason;
}

const GONE: Loss = {
  state: "TASK_GONE_BY_OPERATOR",
  message: "Agent has been marked gone",
  reason: "REASON_AGENT_REMOVED_BY_OPERATOR",
};

/**
 * Frameworks learn that their tasks on the agent are lost, also of those of which they have yet to hear that they have ended; the unreachable ones that
 * still ran are kept aside, the others become history.
 */
export function loseTasks(
  state: MasterState,
  agent: Agent,
  loss: Loss,
  nowMs: number,
  out: MasterOut,
  only?: Framework,
): void {
  const tasks = only === undefined ? [...agent.tasks] : [...agent.tasks].filter((entry) => isOf(entry, only));
  for (const [frameworkId, lost] of Map.groupBy(tasks, ({ task }) => task.framework_id.value)) {
    const framework = state.frameworks.get(frameworkId)!;
    const ended: MasterTask[] = [];
    for (const entry of lost) {
      const hadEnded = isTerminal(entry.task.state);
      const isTold = loseTask(state, framework, entry, loss, nowMs, out);
      detachTask(state, entry);
      const isAway = loss.state === "TASK_UNREACHABLE";
      if (isAway && !hadEnded) keepBounded(state, framework.unreachableTasks, entry.task, entry);
      else ended.push(entry);
      if (isAway && hadEnded && isTold) keepBounded(state, framework.untoldEnds, entry.task, entry.task);
    }
    complete(state, framework, ended, nowMs, out);
  }
}

/** Whether the framework was told. */
function loseTask(
  state: MasterState,
  framework: Framework,
  entry: MasterTask,
  loss: Loss,
  nowMs: number,
  out: MasterOut,
): boolean {
  const hasEnded = isTerminal(entry.task.state);
  if (hasEnded && (isEndTold(entry) || loss.reason === "REASON_AGENT_DISCONNECTED")) return false;
  const unreachableMs = loss.state === "TASK_UNREACHABLE" ? nowMs : undefined;
  const lost = { ...lossFor(framework, loss), unreachableMs };
  const status = statusOfTask(entry.task, lost, nowMs);
  // Only the framework is told the executor, as in Mesos.
  const { executor_id: _, ...kept } = status;
  if (!hasEnded) updateTask(state, framework, entry, kept, undefined, out);
  forward(framework, status, out);
  return true;
}

// Who does not know of partitions has no word for what an operator does, and is told neither.
function lossFor(framework: Framework, loss: Loss): Loss {
  const state = stateFor(framework, loss.state);
  return { ...loss, state, reason: loss === GONE && state !== GONE.state ? "REASON_AGENT_REMOVED" : loss.reason };
}

// What ended, while updates before its end are not acknowledged yet, runs on for all that the framework knows: it is told the loss like any other, for the agent may never
// come to tell the end. One that is only disconnected is about to.
function isEndTold({ task, awaitsAcknowledgement }: MasterTask): boolean {
  return awaitsAcknowledgement && isTerminal(task.status_update_state ?? task.state);
}

function isOf({ task }: MasterTask, framework: Framework): boolean {
  return task.framework_id.value === framework.id;
}

function keepBounded<T>(state: MasterState, kept: Map<string, T>, { task_id }: Task, one: T): void {
  kept.set(task_id.value, one);
  if (kept.size > state.config.maxUnreachableTasksPerFramework) kept.delete(kept.keys().next().value!);
}

// They are in no agent's list any more, and what they are told does not depend on what they were.
function loseUnreachableTasks(state: MasterState, agentId: string, nowMs: number, out: MasterOut): void {
  for (const framework of state.frameworks.values()) {
    const lost = takeUnreachableTasks(framework, agentId);
    for (const entry of lost) {
      const status = statusOfTask(entry.task, lossFor(framework, GONE), nowMs);
      entry.task = { ...entry.task, state: status.state, statuses: [...(entry.task.statuses ?? []), status] };
      entry.version = ++state.version;
      publishTaskUpdated(state, entry, status, out);
      forward(framework, status, out);
    }
    complete(state, framework, lost, nowMs, out);
    for (const task of takeOf(framework.untoldEnds, agentId))
      if (!isUsedAgain(framework, task)) forward(framework, statusOfTask(task, lossFor(framework, GONE), nowMs), out);
  }
}

function isUsedAgain({ tasks, unreachableTasks }: Framework, { task_id }: Task): boolean {
  return tasks.has(task_id.value) || unreachableTasks.has(task_id.value);
}

/** The framework's unreachable tasks of this agent, which leave its list. */
export function takeUnreachableTasks({ unreachableTasks }: Framework, agentId: string): MasterTask[] {
  const taken = [...unreachableTasks.values()].filter(({ task }) => task.agent_id.value === agentId);
  for (const { task } of taken) unreachableTasks.delete(task.task_id.value);
  return taken;
}

/** Those of these tasks that were on this agent, which leave the map. */
export function takeOf(tasks: Map<string, Task>, agentId: string): Task[] {
  const taken = [...tasks.values()].filter(({ agent_id }) => agent_id.value === agentId);
  for (const { task_id } of taken) tasks.delete(task_id.value);
  return taken;
}

// Its tasks and operations were dealt with before.
function dropAgent(state: MasterState, agent: Agent, out: MasterOut): void {
  rescindOffersOfAgent(state, agent.id, out);
  rescindInverseOffersOfAgent(state, agent.id, out);
  if (agent.connection !== "recovered") state.allocator.removeAgent(agent.id);
  if (agent.stream !== undefined) {
    state.streams.delete(agent.stream);
    out.close(agent.stream);
  }
  state.agents.delete(agent.id);
  state.givenUp.delete(agent.id);
  const place = placeOf(agent.info, agent.address);
  if (state.agentPlaces.get(place) === agent.id) state.agentPlaces.delete(place);
  out.erase(keys.agent(agent.id));
  state.version++;
  tellAll(state, { type: "FAILURE", failure: { agent_id: { value: agent.id } } }, out);
}
