import type { AgentInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { inBothForms } from "@meseta/api/mesos/resources/formats.ts";
import type { Agent, MasterState } from "../state.ts";
import { timeInfo } from "./instants.ts";
import { list, type Part, type Shape } from "./shape.ts";
import { values } from "./state.ts";

/**
 * /registrar(1)/registry: what is durable of the cluster, in the shape of Mesos' one registry object; lists that are empty are absent, as there.
 * Meseta keeps frameworks, their history and removed agents as well, which have no place in it.
 */
export function registryParts(state: MasterState): Part[] {
  return [
    ...values({ master: { info: state.info } }),
    {
      name: "slaves",
      parts: [{ name: "slaves", lists: list(state.agents, () => state.agents.values()), shape: admitted }],
    },
    ...values({
      machines: within(
        "machines",
        [...state.machines.values()].map((info) => ({ info })),
      ),
      schedules: state.schedule?.windows?.length ? [state.schedule] : undefined,
      quota_configs: some([...state.quotas.values()]),
      weights: some([...state.weights].map(([role, weight]) => ({ info: { role, weight } }))),
      unreachable: within(
        "slaves",
        [...state.unreachableAgents].map(([id, { unreachableMs }]) => since(id, unreachableMs)),
      ),
      gone: within(
        "slaves",
        [...state.goneAgents].map(([id, { goneMs }]) => since(id, goneMs)),
      ),
    }),
  ];
}

const admitted: Shape<Agent> = {
  name: "registry agent",
  version: ({ viewVersion }) => viewVersion,
  view: ({ info, deactivated, drain }) => ({ info: infoOf(info), drain_info: drain?.info, deactivated }),
};

function infoOf(info: AgentInfo): AgentInfo {
  return info.resources === undefined ? info : { ...info, resources: info.resources.map(inBothForms) };
}

function since(id: string, ms: number): object {
  return { id: { value: id }, timestamp: timeInfo(ms) };
}

function within(name: string, items: readonly object[]): object | undefined {
  return items.length === 0 ? undefined : { [name]: items };
}

function some<T>(items: readonly T[]): readonly T[] | undefined {
  return items.length === 0 ? undefined : items;
}
