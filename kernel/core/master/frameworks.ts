import type { FrameworkInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import type { FrameworkSettings } from "../allocator/allocator.ts";
import { drainIfEmpty } from "./drain.ts";
import { removeExecutor } from "./executors.ts";
import { complete, completeFramework, newHistory } from "./history.ts";
import { discardOffers } from "./offers.ts";
import { orphanOperations } from "./operations.ts";
import type { MasterOut } from "./out.ts";
import { publishFrameworkRemoved, publishFrameworkUpdated } from "./publish.ts";
import { saveFramework } from "./records.ts";
import type { Agent, Framework, MasterState } from "./state.ts";
import { statusOfTask } from "./statuses.ts";
import { detachTask, updateTask } from "./tasks.ts";
import { tellAgent } from "./tell.ts";
import { rolesOf } from "./validate/framework.ts";

/** A framework that nobody is connected for yet; not in the allocator. `info` has its id. */
export function newFramework(id: string, info: FrameworkInfo, registeredMs: number): Framework {
  return {
    id,
    info,
    roles: new Set(rolesOf(info)),
    suppressed: new Set(),
    offerConstraints: undefined,
    connection: "recovered",
    active: false,
    stream: undefined,
    streamId: undefined,
    disconnections: 0,
    registeredMs,
    reregisteredMs: undefined,
    tasks: new Map(),
    latestTask: undefined,
    agreed: undefined,
    unreachableTasks: new Map(),
    untoldEnds: new Map(),
    completedTasks: [],
    history: newHistory(),
    offers: new Set(),
    inverseOffers: new Set(),
    operations: new Map(),
    counters: new Map(),
    version: 0,
  };
}

/** Takes in a framework that only an agent knew: the store forgot it, or was lost. It must subscribe to get offers. */
export function recoverFramework(state: MasterState, info: FrameworkInfo, nowMs: number, out: MasterOut): Framework {
  const framework = newFramework(info.id!.value, info, nowMs);
  framework.version = ++state.version;
  state.frameworks.set(framework.id, framework);
  state.allocator.addFramework(framework.id, settingsOf(framework), nowMs);
  saveFramework(framework, out);
  awaitRecovered(state, framework, nowMs, out);
  return framework;
}

/** What the allocator must know of the framework. */
export function settingsOf(framework: Framework): FrameworkSettings {
  return {
    roles: [...framework.roles],
    suppressedRoles: [...framework.suppressed],
    capabilities: (framework.info.capabilities ?? []).flatMap(({ type }) => type ?? []),
    offerFilters: framework.info.offer_filters,
    offerConstraints: framework.offerConstraints,
    active: framework.active,
  };
}

/** Its stream broke: no offers, but its tasks run on until the failover timeout is over, which by default is at once. */
export function disconnectFramework(state: MasterState, framework: Framework, nowMs: number, out: MasterOut): void {
  detachStream(state, framework);
  framework.connection = "disconnected";
  framework.active = false;
  framework.disconnections++;
  discardOffers(state, framework);
  state.allocator.deactivateFramework(framework.id);
  framework.version = ++state.version;
  const timeoutMs = failoverTimeoutMs(framework);
  out.log("info", "The framework is disconnected", { framework: framework.id, failoverTimeoutMs: timeoutMs });
  if (timeoutMs <= 0) return removeFramework(state, framework.id, nowMs, out);
  publishFrameworkUpdated(state, framework, out);
  awaitFailover(framework, nowMs + timeoutMs, out);
}

/** The failover timer of a disconnected framework, or that of a recovered one, has come. */
export function expireFailover(
  state: MasterState,
  frameworkId: string,
  disconnection: number,
  nowMs: number,
  out: MasterOut,
): void {
  const framework = state.frameworks.get(frameworkId);
  if (framework === undefined || framework.connection === "connected") return;
  if (framework.disconnections !== disconnection) return;
  out.log("warn", "The framework did not come back within its failover timeout", { framework: frameworkId });
  removeFramework(state, frameworkId, nowMs, out);
}

/** A framework known from the store or an agent gets at least as long to come back as agents do. */
export function awaitRecovered(state: MasterState, framework: Framework, nowMs: number, out: MasterOut): void {
  const waitMs = Math.max(failoverTimeoutMs(framework), state.config.agentReregisterTimeoutMs);
  awaitFailover(framework, nowMs + waitMs, out);
}

/**
 * Ends the framework for good, as TEARDOWN does: all its executors are shut down, its tasks count as killed, and its id is
 * never taken again. An unknown id is ignored.
 */
export function removeFramework(state: MasterState, frameworkId: string, nowMs: number, out: MasterOut): void {
  const framework = state.frameworks.get(frameworkId);
  if (framework === undefined) return;
  const agents = agentsWith(state, framework);
  for (const agent of agents)
    tellAgent(agent, { type: "SHUTDOWN_FRAMEWORK", shutdown_framework: { framework_id: { value: frameworkId } } }, out);
  discardOffers(state, framework);
  endTasks(state, framework, nowMs, out);
  for (const agent of agents) removeExecutors(state, agent, frameworkId);
  orphanOperations(state, framework, nowMs, out);
  closeStream(state, framework, out);
  state.allocator.removeFramework(frameworkId);
  state.frameworks.delete(frameworkId);
  completeFramework(state, framework, nowMs, out);
  state.version++;
  publishFrameworkRemoved(state, framework, out);
  out.log("info", "The framework is removed", { framework: frameworkId });
  for (const agent of agents) drainIfEmpty(state, agent, nowMs, out);
}

/** Forgets all executors of the framework on the agent. */
export function removeExecutors(state: MasterState, agent: Agent, frameworkId: string): void {
  for (const executorId of [...(agent.executors.get(frameworkId)?.keys() ?? [])])
    removeExecutor(state, agent, frameworkId, executorId);
}

/** The agents on which the framework has a task, an executor or an operation. */
export function agentsWith(state: MasterState, framework: Framework): Set<Agent> {
  const agents = new Set<Agent>();
  for (const agent of state.agents.values()) if (agent.executors.has(framework.id)) agents.add(agent);
  for (const { task } of framework.tasks.values()) {
    const agent = state.agents.get(task.agent_id.value);
    if (agent !== undefined) agents.add(agent);
  }
  return agents;
}

/** The stream no longer is the framework's. It is not closed by this. */
export function detachStream(state: MasterState, framework: Framework): void {
  if (framework.stream !== undefined) state.streams.delete(framework.stream);
  framework.stream = undefined;
  framework.streamId = undefined;
}

function closeStream(state: MasterState, framework: Framework, out: MasterOut): void {
  if (framework.stream !== undefined) out.close(framework.stream);
  detachStream(state, framework);
}

function endTasks(state: MasterState, framework: Framework, nowMs: number, out: MasterOut): void {
  const ended = [...framework.tasks.values()];
  for (const entry of ended) {
    const parts = {
      state: "TASK_KILLED",
      message: `Framework ${framework.id} removed`,
      reason: "REASON_FRAMEWORK_REMOVED",
    } as const;
    const status = statusOfTask(entry.task, parts, nowMs);
    if (!isTerminal(entry.task.state)) updateTask(state, framework, entry, status, undefined, out);
    detachTask(state, entry);
  }
  complete(state, framework, [...framework.unreachableTasks.values(), ...ended], nowMs, out);
  framework.unreachableTasks.clear();
  framework.untoldEnds.clear();
}

function awaitFailover(framework: Framework, atMs: number, out: MasterOut): void {
  const { id: frameworkId, disconnections: disconnection } = framework;
  out.wake(atMs, { for: "framework-failover", frameworkId, disconnection });
}

function failoverTimeoutMs({ info }: Framework): number {
  return (info.failover_timeout ?? 0) * 1000;
}
