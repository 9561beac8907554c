import { loseTasks } from "./agents.ts";
import { drainIfEmpty } from "./drain.ts";
import type { StreamId } from "./event.ts";
import { disconnectFramework, removeExecutors } from "./frameworks.ts";
import { rescindInverseOffersOfAgent, rescindOffersOfAgent } from "./offers.ts";
import type { MasterOut } from "./out.ts";
import type { Agent, MasterState } from "./state.ts";

/** A long stream broke: whoever it belonged to is disconnected. Streams that were replaced belong to nobody any more. */
export function closeStream(state: MasterState, stream: StreamId, nowMs: number, out: MasterOut): void {
  const owner = state.streams.get(stream);
  state.streams.delete(stream);
  switch (owner?.kind) {
    case "scheduler":
      return disconnectFramework(state, state.frameworks.get(owner.frameworkId)!, nowMs, out);
    case "agent":
      return disconnectAgent(state, state.agents.get(owner.agentId)!, nowMs, out);
    case "operator":
      state.subscribers.delete(stream);
  }
}

/**
 * The agent's stream broke. Its tasks run on, but for those of frameworks that do not checkpoint: they die with the agent's
 * process, and are lost at once. Pings go on being counted; the longest that it may stay away is agentReregisterTimeoutMs.
 */
function disconnectAgent(state: MasterState, agent: Agent, nowMs: number, out: MasterOut): void {
  detachAgent(state, agent, out);
  agent.disconnections++;
  loseUncheckpointed(state, agent, nowMs, out);
  drainIfEmpty(state, agent, nowMs, out);
  const { id: agentId, disconnections: disconnection } = agent;
  const atMs = nowMs + state.config.agentReregisterTimeoutMs;
  out.wake(atMs, { for: "agent-reregistration", agentId, disconnection });
  out.log("info", "The agent is disconnected", { agent: agentId, hostname: agent.info.hostname });
}

/** No offers of it, and no stream. */
export function detachAgent(state: MasterState, agent: Agent, out: MasterOut): void {
  if (agent.stream !== undefined) state.streams.delete(agent.stream);
  agent.stream = undefined;
  agent.connection = "disconnected";
  agent.viewVersion = ++state.version;
  rescindOffersOfAgent(state, agent.id, out);
  rescindInverseOffersOfAgent(state, agent.id, out);
  state.allocator.deactivateAgent(agent.id);
}

function loseUncheckpointed(state: MasterState, agent: Agent, nowMs: number, out: MasterOut): void {
  const message = `Agent ${agent.info.hostname} disconnected`;
  const frameworkIds = new Set(agent.executors.keys());
  for (const { task } of agent.tasks) frameworkIds.add(task.framework_id.value);
  for (const frameworkId of frameworkIds) {
    const framework = state.frameworks.get(frameworkId)!;
    if (framework.info.checkpoint === true) continue;
    loseTasks(
      state,
      agent,
      { state: "TASK_LOST", message, reason: "REASON_AGENT_DISCONNECTED" },
      nowMs,
      out,
      framework,
    );
    removeExecutors(state, agent, frameworkId);
  }
}
