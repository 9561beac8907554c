import { awaitRecovered } from "./frameworks.ts";
import { giveUp } from "./giving-up.ts";
import { trim } from "./history.ts";
import type { MasterOut } from "./out.ts";
import { GC_INTERVAL_MS } from "./registry.ts";
import type { MasterState } from "./state.ts";

/** How many agents one event marks unreachable: each takes two records, and an event must not carry too many. */
const AGENTS_AN_EVENT = 32;

/** Agents and frameworks that were known before get their time to come back; until it is over nothing is held against them. */
export function start(state: MasterState, nowMs: number, out: MasterOut): void {
  const { agents, frameworks, config } = state;
  out.log("info", "The master starts", {
    id: state.id,
    epoch: state.epoch,
    agents: agents.size,
    frameworks: frameworks.size,
  });
  state.agentsAtStart = agents.size;
  if (agents.size > 0) out.wake(nowMs + config.agentReregisterTimeoutMs, { for: "recovery-deadline" });
  for (const framework of frameworks.values()) {
    awaitRecovered(state, framework, nowMs, out);
    trim(state, framework, nowMs, out);
  }
  for (const framework of state.completedFrameworks.values()) trim(state, framework, nowMs, out);
  out.wake(nowMs + GC_INTERVAL_MS, { for: "registry-gc" });
  if (state.erasures.length > 0) out.wake(nowMs, { for: "erasure" });
}

/** Agents that did not come back after the master's restart are unreachable; some at a time. */
export function giveUpRecovered(state: MasterState, nowMs: number, out: MasterOut): void {
  const problem = removalProblem(state);
  if (problem !== undefined) return out.abort(problem);
  let left = AGENTS_AN_EVENT;
  for (const agent of state.agents.values()) {
    if (agent.connection !== "recovered" || state.givenUp.has(agent.id)) continue;
    if (left-- === 0) return out.wake(nowMs, { for: "recovery-deadline" });
    giveUp(state, agent, "Agent did not re-register within the timeout after the master failed over", nowMs, out);
  }
}

// So many cannot have died at once: it is rather the network, or this master. Source: Mesos' --recovery_agent_removal_limit.
function removalProblem({ agents, agentsAtStart, config }: MasterState): string | undefined {
  const away = [...agents.values()].filter(({ connection }) => connection === "recovered").length;
  if (away * 100 <= agentsAtStart * config.recoveryRemovalLimit) return undefined;
  return `${away} of ${agentsAtStart} agents did not come back, more than the ${config.recoveryRemovalLimit} % that may be given up (--recovery-agent-removal-limit)`;
}
