import type { StreamId } from "./event.ts";
import { giveUp, spare } from "./giving-up.ts";
import type { MasterOut } from "./out.ts";
import type { Agent, MasterState } from "./state.ts";
import { tellAgent } from "./tell.ts";

/** From this registration on the agent is asked for a sign of life each interval. */
export function startPings(state: MasterState, agent: Agent, nowMs: number, out: MasterOut): void {
  agent.observed = agent.stream;
  agent.missedPings = 0;
  ping(state, agent, nowMs, out);
}

/** An interval is over. An agent that missed too many pings in a row is unreachable; one that is disconnected misses them all. */
export function checkPing(state: MasterState, agentId: string, stream: StreamId, nowMs: number, out: MasterOut): void {
  const agent = state.agents.get(agentId);
  if (agent === undefined || agent.observed !== stream) return;
  agent.missedPings = agent.pongSincePing ? 0 : agent.missedPings + 1;
  if (agent.missedPings >= state.config.maxPingTimeouts) giveUp(state, agent, "health check timed out", nowMs, out);
  // While it waits its turn to be marked unreachable, it may still answer.
  if (state.agents.has(agentId)) ping(state, agent, nowMs, out);
}

/** Any message is a sign of life. */
export function noteAlive(state: MasterState, agent: Agent): void {
  agent.pongSincePing = true;
  spare(state, agent);
}

function ping(state: MasterState, agent: Agent, nowMs: number, out: MasterOut): void {
  agent.pongSincePing = false;
  tellAgent(agent, { type: "PING" }, out);
  out.wake(nowMs + state.config.pingIntervalMs, { for: "ping", agentId: agent.id, stream: agent.observed! });
}
