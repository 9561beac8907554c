import type { AgentInfo } from "@meseta/api/mesos/generated/mesos.ts";
import type { AgentState } from "../state.ts";

/** As the master is told it: agents always checkpoint. */
export function introduction(state: AgentState): AgentInfo {
  return { ...agentInfo(state), checkpoint: true };
}

/** The agent as its own readings show it; with its id from the first registration on. */
export function agentInfo(state: AgentState): AgentInfo {
  const { config } = state;
  const info: AgentInfo = {
    hostname: config.hostname,
    port: config.port,
    resources: [...state.configured],
    attributes: state.attributes,
  };
  if (state.agentId !== undefined) info.id = { value: state.agentId };
  if (config.domain !== undefined) info.domain = config.domain;
  return info;
}
