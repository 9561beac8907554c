import type { OfferOperation } from "@meseta/api/mesos/generated/mesos.ts";
import { because, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import type { OperationContext } from "./asker.ts";
import { validateReserve, validateUnreserve } from "./reservation.ts";
import { validateCreate, validateDestroy, validateGrow, validateShrink } from "./volume.ts";

/**
 * What is wrong with an operation on resources, whoever asks. Whether the resources are there to be converted is for `applyOperation` to say.
 * Source: kernel reference section e.
 */
export function validateOperation(operation: OfferOperation, context: OperationContext): Refusal | undefined {
  return (
    validateOperationId(operation, context) ??
    because(`Invalid ${operation.type ?? "UNKNOWN"} operation: `, validatePart(operation, context))
  );
}

/** An id asks for status updates, which not every operation has and not every agent sends. */
export function validateOperationId(
  { id, type }: OfferOperation,
  { agentCapabilities }: Pick<OperationContext, "agentCapabilities">,
): Refusal | undefined {
  if (id === undefined) return undefined;
  if (type === "LAUNCH" || type === "LAUNCH_GROUP") return refuse(`The 'id' field cannot be set on ${type} operations`);
  if (id.value === "") return refuse("Operation ID must not be empty");
  if (agentCapabilities.has("RESOURCE_PROVIDER") && agentCapabilities.has("AGENT_OPERATION_FEEDBACK")) return undefined;
  return refuse(
    "An operation with an 'id' needs an agent with the capabilities RESOURCE_PROVIDER and AGENT_OPERATION_FEEDBACK",
  );
}

function validatePart(operation: OfferOperation, context: OperationContext): Refusal | undefined {
  switch (operation.type) {
    case "RESERVE":
      return operation.reserve ? validateReserve(operation.reserve, context) : absent("reserve");
    case "UNRESERVE":
      return operation.unreserve ? validateUnreserve(operation.unreserve) : absent("unreserve");
    case "CREATE":
      return operation.create ? validateCreate(operation.create, context) : absent("create");
    case "DESTROY":
      return operation.destroy ? validateDestroy(operation.destroy, context) : absent("destroy");
    case "GROW_VOLUME":
      return operation.grow_volume ? validateGrow(operation.grow_volume, context) : absent("grow_volume");
    case "SHRINK_VOLUME":
      return operation.shrink_volume ? validateShrink(operation.shrink_volume, context) : absent("shrink_volume");
    case "LAUNCH":
      return operation.launch ? undefined : absent("launch");
    case "LAUNCH_GROUP":
      return operation.launch_group ? undefined : absent("launch_group");
    case "CREATE_DISK":
    case "DESTROY_DISK":
      return validateDisk(operation);
    default:
      return refuse("the type is unknown");
  }
}

// No agent here has a resource provider, which alone can make disks out of raw storage.
function validateDisk({ type, create_disk, destroy_disk }: OfferOperation): Refusal | undefined {
  const source = type === "CREATE_DISK" ? create_disk?.source : destroy_disk?.source;
  if (source === undefined) return absent(type === "CREATE_DISK" ? "create_disk" : "destroy_disk");
  return source.provider_id === undefined
    ? refuse("'source' is not managed by a resource provider")
    : refuse(`no resource provider '${source.provider_id.value}' is known`);
}

function absent(part: string): Refusal {
  return refuse(`Expecting '${part}' to be present`);
}
