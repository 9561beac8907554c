import type { RunSpec } from "@meseta/api/marathon/group.ts";
import type { Instance } from "../instance/instance.ts";
import { specAt } from "../spec.ts";
import type { InitState, Service } from "../state.ts";

/** What is known of an app or pod: while it is wanted, and for as long as it has instances. */
export function serviceOf(state: Pick<InitState, "services">, specId: string): Service | undefined {
  return state.services.get(specId);
}

export function instanceOf(state: Pick<InitState, "services">, instanceId: string): Instance | undefined {
  return ownerOf(state, instanceId)?.instances.get(instanceId);
}

/** The service that an instance's id names, whether it has such an instance or not. */
export function ownerOf(state: Pick<InitState, "services">, instanceId: string): Service | undefined {
  const path = pathOf(instanceId);
  return path === undefined ? undefined : state.services.get(path);
}

/** The definition with which the instance was launched, or is to be; the present one when that is not known any more. */
export function definitionOf(
  state: Pick<InitState, "tree" | "olderSpecs">,
  { spec, version, configVersion }: Pick<Instance, "spec" | "version" | "configVersion">,
): RunSpec | undefined {
  const present = specAt(state.tree, spec);
  if (present?.versionInfo.lastConfigChangeAt === configVersion) return present;
  return state.olderSpecs.get(spec)?.get(version) ?? present;
}

/**
 * The definition with which a queued instance is launched: the present one, unless a deployment of the service goes on. That decides itself when an old
 * instance is to make room for a new one.
 */
export function definitionToLaunch(
  state: Pick<InitState, "tree" | "olderSpecs" | "deployments">,
  instance: Instance,
): RunSpec | undefined {
  return state.deployments.actsOn(instance.spec) ? definitionOf(state, instance) : specAt(state.tree, instance.spec);
}

// By hand, because each status of each task is looked up: `shop_web.instance-<uuid>` is of /shop/web.
function pathOf(instanceId: string): string | undefined {
  let end = instanceId.lastIndexOf(".instance-");
  if (end < 0) end = instanceId.lastIndexOf(".marathon-");
  return end <= 0 ? undefined : `/${instanceId.slice(0, end).replaceAll("_", "/")}`;
}
