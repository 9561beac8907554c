import type { AgentInfoCapabilityType } from "@meseta/api/mesos/generated/mesos.ts";
import type { Agent } from "./state.ts";

export function capabilitiesOf(agent: Agent): Set<AgentInfoCapabilityType> {
  return new Set(agent.capabilities.flatMap(({ type }) => type ?? []));
}
