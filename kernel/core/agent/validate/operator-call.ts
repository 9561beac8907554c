import type { Call, CallLaunchContainer } from "@meseta/api/mesos/generated/agent.ts";
import type { CommandInfo, ContainerID, ContainerInfo, Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { because, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import { printResource } from "@meseta/api/mesos/resources/print.ts";
import { validateResources } from "@meseta/api/mesos/resources/validate.ts";
import { validateContainer } from "../../validate/container.ts";
import { validateCommand } from "../../validate/environment.ts";
import { validateContainerId } from "../../validate/ids.ts";
import { validatePresence } from "../../validate/presence.ts";

/** What is wrong with an operator's call to an agent, as the text of the 400 that answers it. Resources are in the post-refinement format. Source: the answers that Mesos was recorded giving. */
export function validateAgentCall(call: Call): Refusal | undefined {
  return because("Failed to validate agent::Call: ", validatePresence(call, NEEDING) ?? validatePart(call));
}

const NEEDING: ReadonlySet<string> = new Set([
  "GET_METRICS",
  "SET_LOGGING_LEVEL",
  "LIST_FILES",
  "READ_FILE",
  "LAUNCH_NESTED_CONTAINER",
  "WAIT_NESTED_CONTAINER",
  "KILL_NESTED_CONTAINER",
  "REMOVE_NESTED_CONTAINER",
  "LAUNCH_NESTED_CONTAINER_SESSION",
  "ATTACH_CONTAINER_INPUT",
  "ATTACH_CONTAINER_OUTPUT",
  "LAUNCH_CONTAINER",
  "WAIT_CONTAINER",
  "KILL_CONTAINER",
  "REMOVE_CONTAINER",
  "ADD_RESOURCE_PROVIDER_CONFIG",
  "UPDATE_RESOURCE_PROVIDER_CONFIG",
  "REMOVE_RESOURCE_PROVIDER_CONFIG",
  "MARK_RESOURCE_PROVIDER_GONE",
]);

interface Launch {
  readonly container_id: ContainerID;
  readonly command?: CommandInfo | undefined;
  readonly container?: ContainerInfo | undefined;
}

function validatePart(call: Call): Refusal | undefined {
  switch (call.type) {
    case "LAUNCH_NESTED_CONTAINER":
      return validateNestedLaunch("launch_nested_container", call.launch_nested_container!);
    case "LAUNCH_NESTED_CONTAINER_SESSION":
      return validateNestedLaunch("launch_nested_container_session", call.launch_nested_container_session!);
    case "WAIT_NESTED_CONTAINER":
      return validateNested("wait_nested_container", call.wait_nested_container!);
    case "KILL_NESTED_CONTAINER":
      return validateNested("kill_nested_container", call.kill_nested_container!);
    case "REMOVE_NESTED_CONTAINER":
      return validateNested("remove_nested_container", call.remove_nested_container!);
    case "ATTACH_CONTAINER_INPUT":
      return validateInput(call);
    case "ATTACH_CONTAINER_OUTPUT":
      return validateTarget("attach_container_output", call.attach_container_output!);
    case "LAUNCH_CONTAINER":
      return validateLaunchContainer(call.launch_container!);
    case "WAIT_CONTAINER":
      return validateTarget("wait_container", call.wait_container!);
    case "KILL_CONTAINER":
      return validateTarget("kill_container", call.kill_container!);
    case "REMOVE_CONTAINER":
      return validateTarget("remove_container", call.remove_container!);
    case "ADD_RESOURCE_PROVIDER_CONFIG":
      return unsetId("add_resource_provider_config", call.add_resource_provider_config!);
    case "UPDATE_RESOURCE_PROVIDER_CONFIG":
      return unsetId("update_resource_provider_config", call.update_resource_provider_config!);
    default:
      return undefined;
  }
}

function validateTarget(name: string, { container_id }: { readonly container_id: ContainerID }): Refusal | undefined {
  return because(`'${name}.container_id' is invalid: `, validateContainerId(container_id));
}

function validateNested(name: string, part: { readonly container_id: ContainerID }): Refusal | undefined {
  if (part.container_id.parent === undefined)
    return validateTarget(name, part) ?? refuse(`Expecting '${name}.container_id.parent' to be present`);
  return validateTarget(name, part);
}

function validateNestedLaunch(name: string, launch: Launch): Refusal | undefined {
  return validateNested(name, launch) ?? validateWhat(name, launch);
}

function validateWhat(name: string, { command, container }: Launch): Refusal | undefined {
  return (
    because(`'${name}.command' is invalid: `, command && validateCommand(command)) ??
    because(`'${name}.container' is invalid: `, container && validateContainer(container))
  );
}

function validateLaunchContainer(launch: CallLaunchContainer): Refusal | undefined {
  const refusal = validateTarget("launch_container", launch) ?? validateWhat("launch_container", launch);
  if (refusal !== undefined) return refusal;
  const resources = launch.resources ?? [];
  if (launch.container_id.parent !== undefined)
    return resources.length > 0 ? refuse("Resources may not be specified when using nested containers") : undefined;
  return because(
    "'launch_container.resources' is invalid: ",
    validateResources(resources) ?? validateOwnless(resources),
  );
}

// A standalone container belongs to nobody, so it cannot hold what was given to somebody.
function validateOwnless(resources: readonly Resource[]): Refusal | undefined {
  const owned = resources.find(
    ({ reservations, allocation_info, disk, revocable, shared }) =>
      (reservations?.length ?? 0) > 0 ||
      allocation_info !== undefined ||
      disk?.persistence !== undefined ||
      revocable !== undefined ||
      shared !== undefined,
  );
  return (
    owned &&
    refuse(`Resource '${printResource(owned)}' must be neither reserved, allocated, persistent, revocable nor shared`)
  );
}

function validateInput(call: Call): Refusal | undefined {
  const { type, container_id } = call.attach_container_input!;
  if (type === undefined) return refuse("Expecting 'attach_container_input.type' to be present");
  if (type !== "CONTAINER_ID")
    return refuse("Expecting 'attach_container_input.type' of the first message to be 'CONTAINER_ID'");
  if (container_id === undefined) return refuse("Expecting 'attach_container_input.container_id' to be present");
  return validateTarget("attach_container_input", { container_id });
}

function unsetId(name: string, { info }: { readonly info: { readonly id?: object | undefined } }): Refusal | undefined {
  return info.id === undefined ? undefined : refuse(`Expecting '${name}.info.id' to be unset`);
}
