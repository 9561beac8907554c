import { markGone } from "./agents.ts";
import type { MasterOut } from "./out.ts";
import { saveAgent } from "./records.ts";
import type { Agent, MasterState } from "./state.ts";

/**
 * An agent that drains is drained once it has no task (terminal ones are acknowledged too) and no operation left; then it is
 * marked gone, if that was asked for. To be called whenever one of them ends.
 */
export function drainIfEmpty(state: MasterState, agent: Agent, nowMs: number, out: MasterOut): void {
  const drain = agent.drain;
  if (drain === undefined || agent.connection === "recovered") return;
  if (agent.tasks.size > 0 || agent.operations.size > 0) return;
  if (drain.info.state === "DRAINING") {
    agent.drain = { ...drain, info: { ...drain.info, state: "DRAINED" } };
    agent.viewVersion = ++state.version;
    saveAgent(agent, out);
    out.log("info", "The agent is drained", { agent: agent.id });
  }
  if (drain.config.mark_gone === true) markGone(state, agent.id, nowMs, out);
}
