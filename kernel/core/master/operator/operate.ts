import type { OfferOperation } from "@meseta/api/mesos/generated/mesos.ts";
import { isRefusal, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import { withoutAllocation } from "@meseta/api/mesos/resources/allocation.ts";
import { contains, subtract, sum } from "@meseta/api/mesos/resources/bag.ts";
import { conversionsOf } from "@meseta/api/mesos/resources/operations.ts";
import { capabilitiesOf } from "../capabilities.ts";
import { applyOperatorOperation } from "../operations.ts";
import type { Answer, MasterOut } from "../out.ts";
import type { Agent, MasterState } from "../state.ts";
import { validateOperation } from "../validate/operation.ts";
import { usedOn } from "../views/held.ts";
import { badRequest, conflict, taken } from "./answers.ts";
import type { Asker } from "./operator.ts";

/**
 * Does an operation on what is free of a registered agent; offers that hold some of it are taken back first. 202 when it is done here
 * and on its way to the agent, 400 when it is wrong in itself, 409 when what it needs is not there or is in use.
 */
export function operate(
  state: MasterState,
  agentId: string,
  operation: OfferOperation,
  { principal }: Asker,
  out: MasterOut,
): Answer {
  const agent = state.agents.get(agentId);
  if (agent === undefined || agent.connection === "recovered")
    return badRequest(refuse("No agent found with specified ID"));
  const used = usedOn(agent).list().map(withoutAllocation);
  const agentCapabilities = capabilitiesOf(agent);
  const context = { framework: undefined, principal, agentCapabilities, total: agent.total, used };
  const wrong = validateOperation(operation, context);
  if (wrong !== undefined) return badRequest(wrong);
  // Asked before any offer is taken back for nothing.
  const missing = missingFor(agent, operation, used) ?? applyOperatorOperation(state, agentId, operation, out);
  return missing === undefined ? taken : conflict(missing);
}

function missingFor(agent: Agent, operation: OfferOperation, used: Agent["total"]): Refusal | undefined {
  const conversions = conversionsOf(operation);
  if (isRefusal(conversions)) return conversions;
  const needed = sum(conversions.map(({ consumed }) => consumed));
  if (contains(subtract(agent.total, used), needed)) return undefined;
  return refuse(
    `Invalid ${operation.type} operation: agent ${agent.id} has not all of these resources, or they are in use`,
  );
}
