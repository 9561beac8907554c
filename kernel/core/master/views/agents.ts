import type { ResponseGetAgentsAgent } from "@meseta/api/mesos/generated/master.ts";
import type { AgentInfo, Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { flattenAttributes } from "@meseta/api/mesos/resources/flatten.ts";
import { inBothForms } from "@meseta/api/mesos/resources/formats.ts";
import { isReserved, reservedByRole, unreserved } from "@meseta/api/mesos/resources/select.ts";
import { hostAndPort } from "@meseta/lib/core/address.ts";
import type { Agent, MasterState } from "../state.ts";
import { flat } from "./flat.ts";
import { offeredIn, usedOn } from "./held.ts";
import { seconds, timeInfo } from "./instants.ts";
import { type Look, list, type Part, type Shape } from "./shape.ts";

/** An agent as GET_AGENTS, GET_STATE and AGENT_ADDED show it. */
const v1Agent: Shape<Agent> = {
  name: "agent",
  type: "mesos.v1.master.Response.GetAgents.Agent",
  version: ({ viewVersion }) => viewVersion,
  view: (agent, look) => agentView(look.state, agent),
};

/** An agent as /state shows it. */
export const oldAgent: Shape<Agent> = {
  name: "old agent",
  version: ({ viewVersion }) => viewVersion,
  view: (agent, look) => viewOldAgent(agent, look),
};

/** An agent as /slaves shows it: with whole Resource objects, which /unreserve and /destroy-volumes ask for. */
export const fullAgent: Shape<Agent> = {
  name: "full agent",
  version: ({ viewVersion }) => viewVersion,
  view: (agent, look) => ({ ...viewOldAgent(agent, look), ...viewFull(agent, look) }),
};

/** GET_AGENTS. */
export function agentsParts(state: MasterState): Part[] {
  return [
    { name: "agents", lists: list(state.agents, () => registeredAgents(state)), shape: v1Agent },
    { name: "recovered_agents", lists: list(state.agents, () => recovered(state)), shape: recoveredAgent },
  ];
}

/** The lists of agents of /state (`shape` oldAgent) and /slaves (fullAgent), all or the one with this id. */
export function oldAgentsParts(state: MasterState, shape: Shape<Agent>, id?: string): Part[] {
  // A list of its own for one id, so that the list of all keeps what it has.
  const key = id === undefined ? state.agents : {};
  return [
    { name: "slaves", lists: list(key, () => registeredAgents(state, id)), shape },
    { name: "recovered_slaves", lists: list(key, () => recovered(state, id)), shape: oldRecoveredAgent },
  ];
}

/** Offers of it may go out. */
export function isActive(agent: Agent): boolean {
  return agent.connection === "connected" && !agent.deactivated;
}

export function agentView(state: MasterState, agent: Agent): ResponseGetAgentsAgent {
  const { drain, reregisteredMs } = agent;
  return {
    agent_info: agent.info,
    active: isActive(agent),
    deactivated: agent.deactivated,
    version: agent.version,
    pid: agentPid(agent),
    registered_time: timeInfo(agent.registeredMs),
    reregistered_time: reregisteredMs === undefined ? undefined : timeInfo(reregisteredMs),
    total_resources: agent.total.map(inBothForms),
    allocated_resources: usedOn(agent).list().map(inBothForms),
    offered_resources: offeredIn(state, agent.offers).list().map(inBothForms),
    capabilities: agent.capabilities,
    drain_info: drain?.info,
    // Whole seconds, as Mesos gives it here.
    estimated_drain_start_time: drain === undefined ? undefined : timeInfo(Math.floor(drain.startMs / 1000) * 1000),
  };
}

const recoveredAgent: Shape<Agent> = {
  name: "recovered agent",
  type: "mesos.v1.AgentInfo",
  version: ({ viewVersion }) => viewVersion,
  view: ({ info }) => info,
};

const oldRecoveredAgent: Shape<Agent> = {
  name: "old recovered agent",
  version: ({ viewVersion }) => viewVersion,
  view: ({ info }) => viewInfo(info),
};

/** Those that have registered with this master; all or the one with this id. */
export function* registeredAgents(state: MasterState, id?: string): Generator<Agent> {
  for (const agent of state.agents.values())
    if (agent.connection !== "recovered" && (id === undefined || agent.id === id)) yield agent;
}

function* recovered(state: MasterState, id?: string): Generator<Agent> {
  for (const agent of state.agents.values())
    if (agent.connection === "recovered" && (id === undefined || agent.id === id)) yield agent;
}

function viewOldAgent(agent: Agent, look: Look): Record<string, unknown> {
  const { drain, reregisteredMs } = agent;
  return {
    ...viewInfo(agent.info),
    pid: agentPid(agent),
    registered_time: seconds(agent.registeredMs),
    reregistered_time: reregisteredMs === undefined ? undefined : seconds(reregisteredMs),
    resources: flat(agent.total),
    used_resources: usedOn(agent).flat(),
    offered_resources: offeredIn(look.state, agent.offers).flat(),
    reserved_resources: byRole(agent.total, flat),
    unreserved_resources: flat(unreserved(agent.total)),
    active: isActive(agent),
    deactivated: agent.deactivated,
    version: agent.version,
    capabilities: agent.capabilities.map(({ type }) => type),
    drain_info: drain?.info,
    estimated_drain_start_time_seconds: drain === undefined ? undefined : seconds(drain.startMs),
  };
}

function viewFull(agent: Agent, look: Look): object {
  const whole = (resources: readonly Resource[]) => resources.map(inBothForms);
  return {
    reserved_resources_full: byRole(agent.total, whole),
    unreserved_resources_full: whole(unreserved(agent.total)),
    used_resources_full: whole(usedOn(agent).list()),
    offered_resources_full: whole(offeredIn(look.state, agent.offers).list()),
  };
}

/** Few agents have anything reserved. */
function byRole<T>(total: readonly Resource[], view: (resources: readonly Resource[]) => T): Record<string, T> {
  if (!total.some((resource) => isReserved(resource))) return {};
  return Object.fromEntries([...reservedByRole(total)].map(([role, of]) => [role, view(of)]));
}

function viewInfo(info: AgentInfo): object {
  const { id, hostname, port, attributes, domain } = info;
  return { id: id?.value ?? "", hostname, port: port ?? 5051, attributes: flattenAttributes(attributes ?? []), domain };
}

/** Where the agent's own API is, in the form of libprocess that tools take apart. */
function agentPid({ address, info }: Agent): string {
  return `slave(1)@${hostAndPort(address, info.port ?? 5051)}`;
}
