import type { AgentInfo } from "@meseta/api/mesos/generated/mesos.ts";
import type { AgentState } from "../state.ts";

/** The agent as it introduces itself; with its id from the first registration on. */
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
