import type { MessageExecutorExited } from "@meseta/api/mesos/generated/link.ts";
import type { ExecutorInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { count } from "./counters.ts";
import { release } from "./held.ts";
import type { MasterOut } from "./out.ts";
import type { Agent, MasterState } from "./state.ts";
import { tell } from "./tell.ts";

export function executorOn(agent: Agent, frameworkId: string, executorId: string): ExecutorInfo | undefined {
  return agent.executors.get(frameworkId)?.get(executorId);
}

/** From now on the executor stands on the agent. Its resources were charged before. */
export function addExecutor(state: MasterState, agent: Agent, frameworkId: string, info: ExecutorInfo): void {
  let executors = agent.executors.get(frameworkId);
  if (executors === undefined) agent.executors.set(frameworkId, (executors = new Map()));
  executors.set(info.executor_id.value, info);
  touch(state, agent, frameworkId);
}

/** The executor is no more; its resources are free. */
export function removeExecutor(state: MasterState, agent: Agent, frameworkId: string, executorId: string): void {
  const executors = agent.executors.get(frameworkId);
  const info = executors?.get(executorId);
  if (executors === undefined || info === undefined) return;
  release(state, frameworkId, agent.id, info.resources);
  executors.delete(executorId);
  if (executors.size === 0) agent.executors.delete(frameworkId);
  touch(state, agent, frameworkId);
}

/** An executor ended: its framework gets a FAILURE. The agent itself tells what became of its tasks. */
export function receiveExit(state: MasterState, agent: Agent, exited: MessageExecutorExited, out: MasterOut): void {
  count(state, "messages_exited_executor");
  const { framework_id, executor_id, status } = exited;
  if (executorOn(agent, framework_id.value, executor_id.value) === undefined) return;
  removeExecutor(state, agent, framework_id.value, executor_id.value);
  const framework = state.frameworks.get(framework_id.value);
  const failure = { agent_id: { value: agent.id }, executor_id, status };
  if (framework !== undefined) tell(framework, { type: "FAILURE", failure }, out);
}

function touch(state: MasterState, agent: Agent, frameworkId: string): void {
  agent.viewVersion = ++state.version;
  const framework = state.frameworks.get(frameworkId);
  if (framework !== undefined) framework.version = state.version;
}
