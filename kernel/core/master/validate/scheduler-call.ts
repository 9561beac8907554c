import type { FrameworkID } from "@meseta/api/mesos/generated/mesos.ts";
import type { Call } from "@meseta/api/mesos/generated/scheduler.ts";
import { because, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import { validateUuid } from "../../validate/ids.ts";
import { validatePresence } from "../../validate/presence.ts";

/** What is wrong with a scheduler's call before anything is known of its framework, as the text of the 400 that answers it. Source: the answers that Mesos was recorded giving. */
export function validateSchedulerCall(call: Call): Refusal | undefined {
  return because("Failed to validate scheduler::Call: ", validateCall(call));
}

const NEEDING: ReadonlySet<string> = new Set([
  "SUBSCRIBE",
  "ACCEPT",
  "DECLINE",
  "ACCEPT_INVERSE_OFFERS",
  "DECLINE_INVERSE_OFFERS",
  "KILL",
  "SHUTDOWN",
  "ACKNOWLEDGE",
  "ACKNOWLEDGE_OPERATION_STATUS",
  "RECONCILE",
  "RECONCILE_OPERATIONS",
  "MESSAGE",
  "REQUEST",
  "UPDATE_FRAMEWORK",
]);

function validateCall(call: Call): Refusal | undefined {
  if (call.type === "SUBSCRIBE")
    return validatePresence(call, NEEDING) ?? validateSameId(call, "subscribe", call.subscribe!.framework_info.id);
  if (call.type !== undefined && call.framework_id === undefined)
    return refuse("Expecting 'framework_id' to be present");
  return validatePresence(call, NEEDING) ?? validatePart(call);
}

function validatePart(call: Call): Refusal | undefined {
  switch (call.type) {
    case "ACKNOWLEDGE":
      return validateUuid(call.acknowledge!.uuid);
    case "ACKNOWLEDGE_OPERATION_STATUS":
      return validateOperationAcknowledgement(call);
    case "UPDATE_FRAMEWORK":
      return validateUpdate(call);
    default:
      return undefined;
  }
}

function validateOperationAcknowledgement(call: Call): Refusal | undefined {
  const { uuid, agent_id } = call.acknowledge_operation_status!;
  return validateUuid(uuid) ?? (agent_id === undefined ? refuse("Expecting 'agent_id' to be present") : undefined);
}

function validateUpdate(call: Call): Refusal | undefined {
  const { id } = call.update_framework!.framework_info;
  if (id === undefined) return refuse("Expecting 'update_framework.framework_info.id' to be present");
  return validateSameId(call, "update_framework", id);
}

// Recorded: an id that only one of the two places has is a difference too.
function validateSameId({ framework_id }: Call, part: string, inside: FrameworkID | undefined): Refusal | undefined {
  return framework_id?.value === inside?.value
    ? undefined
    : refuse(`'framework_id' differs from '${part}.framework_info.id'`);
}
