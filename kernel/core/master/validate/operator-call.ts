import type { Call } from "@meseta/api/mesos/generated/master.ts";
import { because, firstRefusal, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import { roleProblem } from "@meseta/api/mesos/resources/roles.ts";
import { validatePresence } from "../../validate/presence.ts";
import { MASTER_BOUNDS } from "../bounds.ts";

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

function validatePart({ type, grow_volume, shrink_volume, drain_agent, preview_offers }: Call): Refusal | undefined {
  if (type === "GROW_VOLUME" && grow_volume!.agent_id === undefined)
    return refuse("Expecting 'grow_volume.agent_id' to be present");
  if (type === "SHRINK_VOLUME" && shrink_volume!.agent_id === undefined)
    return refuse("Expecting 'shrink_volume.agent_id' to be present");
  if (type === "DRAIN_AGENT" && isNegative(drain_agent!.max_grace_period))
    return refuse("'drain_agent.max_grace_period' must not be negative");
  return type === "PREVIEW_OFFERS" ? validatePreviewed(preview_offers!.roles) : undefined;
}

/** Each costs an allocation some time, and all others wait meanwhile. */
const MOST_PREVIEWED = MASTER_BOUNDS.previewedRoles.most;

function validatePreviewed(roles: readonly string[] = []): Refusal | undefined {
  if (roles.length > MOST_PREVIEWED) return refuse(`'preview_offers.roles' must not name more than ${MOST_PREVIEWED}`);
  return firstRefusal(roles, (role) => {
    const problem = roleProblem(role);
    return problem === undefined ? undefined : refuse(`Expecting 'preview_offers.roles' to be valid: ${problem}`);
  });
}

function isNegative(
  period: { readonly seconds?: number | undefined; readonly nanos?: number | undefined } | undefined,
): boolean {
  return (period?.seconds ?? 0) < 0 || (period?.nanos ?? 0) < 0;
}
