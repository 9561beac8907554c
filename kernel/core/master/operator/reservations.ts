import type { CallReserveResources, CallUnreserveResources } from "@meseta/api/mesos/generated/master.ts";
import { upgradeAll } from "@meseta/api/mesos/resources/formats.ts";
import type { Answer, MasterOut } from "../out.ts";
import type { MasterState } from "../state.ts";
import { operate } from "./operate.ts";
import type { Asker } from "./operator.ts";

/** RESERVE_RESOURCES; with `source`, what is reserved otherwise now comes to be reserved as `resources` say. */
export function reserve(
  state: MasterState,
  { agent_id, resources = [], source = [] }: CallReserveResources,
  asker: Asker,
  out: MasterOut,
): Answer {
  const reserve = { resources: upgradeAll(resources), ...(source.length === 0 ? {} : { source: upgradeAll(source) }) };
  return operate(state, agent_id.value, { type: "RESERVE", reserve }, asker, out);
}

/** UNRESERVE_RESOURCES. */
export function unreserve(
  state: MasterState,
  { agent_id, resources = [] }: CallUnreserveResources,
  asker: Asker,
  out: MasterOut,
): Answer {
  const unreserve = { resources: upgradeAll(resources) };
  return operate(state, agent_id.value, { type: "UNRESERVE", unreserve }, asker, out);
}
