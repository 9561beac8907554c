import { markUnreachable } from "./agents.ts";
import { count } from "./counters.ts";
import type { MasterOut } from "./out.ts";
import type { Agent, MasterState } from "./state.ts";

/**
 * The agent has been away for too long, and is to be marked unreachable: at once, or when --agent_removal_rate_limit lets it, so that a fault of
 * the network cannot take the whole cluster away at a stroke. Who comes back in the meantime is spared. Said again it changes nothing.
 */
export function giveUp(state: MasterState, agent: Agent, message: string, nowMs: number, out: MasterOut): void {
  if (state.givenUp.has(agent.id)) return;
  if (agent.connection !== "recovered") count(state, "slave_unreachable_scheduled");
  if (state.config.agentRemovalIntervalMs === undefined) return markUnreachable(state, agent.id, message, nowMs, out);
  state.givenUp.set(agent.id, message);
  if (state.givenUp.size === 1) removeNext(state, nowMs, out);
}

/** It is back in time. */
export function spare(state: MasterState, agent: Agent): void {
  if (state.givenUp.delete(agent.id) && agent.connection !== "recovered") count(state, "slave_unreachable_canceled");
}

/** Marks the agent unreachable that has waited longest, if it is time for one, and asks to be called again while others wait. */
export function removeNext(state: MasterState, nowMs: number, out: MasterOut): void {
  const [next] = state.givenUp;
  if (next === undefined) return;
  if (nowMs >= state.nextRemovalMs) {
    const [agentId, message] = next;
    state.nextRemovalMs = nowMs + state.config.agentRemovalIntervalMs!;
    markUnreachable(state, agentId, message, nowMs, out);
  }
  if (state.givenUp.size > 0) out.wake(state.nextRemovalMs, { for: "agent-removal" });
}
