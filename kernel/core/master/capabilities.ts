import type {
  AgentInfoCapabilityType,
  FrameworkInfo,
  FrameworkInfoCapabilityType,
} from "@meseta/api/mesos/generated/mesos.ts";
import type { Agent } from "./state.ts";

export function hasCapability(info: FrameworkInfo, type: FrameworkInfoCapabilityType): boolean {
  return (info.capabilities ?? []).some((capability) => capability.type === type);
}

export function agentHasCapability(agent: Agent, type: AgentInfoCapabilityType): boolean {
  return agent.capabilities.some((capability) => capability.type === type);
}

/** The roles to which the framework subscribes: several with MULTI_ROLE, maybe none; else one, `*` when it names none. */
export function rolesOf(info: FrameworkInfo): string[] {
  return hasCapability(info, "MULTI_ROLE") ? [...new Set(info.roles ?? [])] : [info.role ?? "*"];
}
