import { markGone } from "../agents.ts";
import type { Answer, MasterOut } from "../out.ts";
import type { MasterState } from "../state.ts";
import { done } from "./answers.ts";

/** MARK_AGENT_GONE: may be said again. */
export function markAgentGone(state: MasterState, id: string, nowMs: number, out: MasterOut): Answer {
  const isKnown = [state.agents, state.unreachableAgents, state.goneAgents].some((agents) => agents.has(id));
  if (!isKnown) return { status: 404, text: `Agent '${id}' not found` };
  markGone(state, id, nowMs, out);
  return done;
}
