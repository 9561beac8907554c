import type { Call } from "@meseta/api/mesos/generated/master.ts";
import { because, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import { validatePresence } from "../../validate/presence.ts";

/** What is wrong with an operator's call to the master before it is looked at in detail, as the text of the 400 that answers it. Source: the answers that Mesos was recorded giving. */
export function validateMasterCall(call: Call): Refusal | undefined {
  return because("Failed to validate master::Call: ", validatePresence(call, NEEDING) ?? validatePart(call));
}

const NEEDING: ReadonlySet<string> = new Set([
  "GET_METRICS",
  "SET_LOGGING_LEVEL",
  "LIST_FILES",
  "READ_FILE",
  "UPDATE_WEIGHTS",
  "RESERVE_RESOURCES",
  "UNRESERVE_RESOURCES",
  "CREATE_VOLUMES",
  "DESTROY_VOLUMES",
  "GROW_VOLUME",
  "SHRINK_VOLUME",
  "UPDATE_MAINTENANCE_SCHEDULE",
  "START_MAINTENANCE",
  "STOP_MAINTENANCE",
  "DRAIN_AGENT",
  "DEACTIVATE_AGENT",
  "REACTIVATE_AGENT",
  "UPDATE_QUOTA",
  "SET_QUOTA",
  "REMOVE_QUOTA",
  "TEARDOWN",
  "MARK_AGENT_GONE",
  "PREVIEW_OFFERS",
]);

function validatePart({ type, grow_volume, shrink_volume, drain_agent }: Call): Refusal | undefined {
  if (type === "GROW_VOLUME" && grow_volume!.agent_id === undefined)
    return refuse("Expecting 'grow_volume.agent_id' to be present");
  if (type === "SHRINK_VOLUME" && shrink_volume!.agent_id === undefined)
    return refuse("Expecting 'shrink_volume.agent_id' to be present");
  if (type === "DRAIN_AGENT" && isNegative(drain_agent!.max_grace_period))
    return refuse("'drain_agent.max_grace_period' must not be negative");
  return undefined;
}

function isNegative(
  period: { readonly seconds?: number | undefined; readonly nanos?: number | undefined } | undefined,
): boolean {
  return (period?.seconds ?? 0) < 0 || (period?.nanos ?? 0) < 0;
}
