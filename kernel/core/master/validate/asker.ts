import type { AgentInfoCapabilityType, FrameworkInfo, Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { hasCapability } from "./framework.ts";

/** Who asks for an operation, and what is there. Resources are in the post-refinement format, those of the agent without allocation. */
export interface OperationContext {
  /** The framework that asks; undefined for an operator. */
  readonly framework: FrameworkInfo | undefined;
  /** The principal of the framework, or the authenticated one of the operator. */
  readonly principal: string | undefined;
  readonly agentCapabilities: ReadonlySet<AgentInfoCapabilityType>;
  /** All that the agent has. */
  readonly total: readonly Resource[];
  /** What tasks and executors on the agent hold, of all frameworks. */
  readonly used: readonly Resource[];
}

/** Whether the asker may use what needs a capability: an operator always, a framework when it has it. */
export function understands(
  framework: FrameworkInfo | undefined,
  capability: "RESERVATION_REFINEMENT" | "SHARED_RESOURCES",
): boolean {
  return framework === undefined || hasCapability(framework, capability);
}
