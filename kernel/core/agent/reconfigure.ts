import type { Attribute, Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { add, contains, equal, subtract } from "@meseta/api/mesos/resources/bag.ts";
import { saveResources, tellResources } from "./operations.ts";
import type { Turn } from "./state.ts";

/**
 * The operator gave the agent other resources or attributes, while it runs or between two lives. Tasks stay; reservations and
 * volumes stay as they are, so what is reserved cannot be taken away: then nothing of the resources changes, and the log says so.
 */
export function reconfigure(
  turn: Turn,
  resources: readonly Resource[] | undefined,
  attributes: readonly Attribute[] | undefined,
): void {
  const changed = [
    resources !== undefined && changeResources(turn, resources),
    attributes !== undefined && changeAttributes(turn, attributes),
  ];
  if (!changed.includes(true)) return;
  turn.state.resourceVersion = turn.state.random.uuid();
  saveResources(turn);
  tellResources(turn);
}

function changeResources({ state, out }: Turn, configured: readonly Resource[]): boolean {
  if (equal(state.configured, configured)) return false;
  const lost = subtract(state.configured, configured);
  if (!contains(state.total, lost)) {
    out.log("error", "resources that are reserved cannot be taken from the agent", {
      kept: state.configured,
      wanted: configured,
    });
    return false;
  }
  state.total = add(subtract(state.total, lost), subtract(configured, state.configured));
  state.configured = configured;
  return true;
}

function changeAttributes({ state }: Turn, attributes: readonly Attribute[]): boolean {
  if (JSON.stringify(state.attributes) === JSON.stringify(attributes)) return false;
  state.attributes = [...attributes];
  return true;
}
