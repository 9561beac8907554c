import type { ResponseGetAgents, ResponseGetAgentsAgent } from "@meseta/api/mesos/generated/master.ts";
import type { AgentInfo, Resource } from "@meseta/api/mesos/generated/mesos.ts";
import type { Details, Listing } from "../listing.ts";
import { lastPart, type Named, shorten } from "../name.ts";
import { amount, attributeValue, listAttributes, listResources, ports, reservedRole, usedOf } from "../quantity.ts";
import { iso, since } from "../since.ts";
import { showNode, shown } from "../state.ts";

/** An agent as the master knows it; one that it only remembers from before its start is `recovered`. */
export type Node = ResponseGetAgentsAgent & { readonly recovered?: true };

/** All agents of an answer, those that are expected back after them. */
export function nodesOf(answer: ResponseGetAgents): Node[] {
  const recovered = (answer.recovered_agents ?? []).map((agent_info): Node => {
    return { agent_info, active: false, version: "", recovered: true };
  });
  return [...(answer.agents ?? []), ...recovered];
}

export function nodeId(node: Node): string {
  return node.agent_info.id?.value ?? "";
}

export function namedNodes(nodes: readonly Node[]): Named<Node>[] {
  return nodes.map((item) => ({ item, id: nodeId(item), names: [item.agent_info.hostname, agentAddress(item)] }));
}

/** "10.0.0.4:5051", from the pid. */
function agentAddress(node: Node): string {
  return node.pid?.split("@")[1] ?? `${node.agent_info.hostname}:${node.agent_info.port ?? 5051}`;
}

export function nodeListing(nodes: readonly Node[], nowMs: number): Listing<Node> {
  const short = shorten(nodes.map(nodeId));
  const used = (name: string) => (node: Node) => usedOf(node.allocated_resources, node.total_resources, name);
  const free = (name: string) => (node: Node) =>
    amount(node.total_resources, name) - amount(node.allocated_resources, name);
  return {
    items: nodes,
    name: nodeId,
    none: "No nodes. Start an agent: meseta agent --master URL",
    extra: (node, key) => attribute(node.agent_info, key),
    columns: [
      { title: "NODE", text: (node) => short(nodeId(node)) },
      { title: "HOST", text: (node) => node.agent_info.hostname },
      { title: "STATE", text: (node) => shown(lookOf(node)), tone: (node) => lookOf(node).tone },
      { title: "CPUS", right: true, text: used("cpus"), key: free("cpus") },
      { title: "MEM", right: true, text: used("mem"), key: free("mem") },
      { title: "DISK", right: true, text: used("disk"), key: free("disk") },
      { title: "GPUS", right: true, text: used("gpus"), key: free("gpus"), wide: true },
      { title: "ATTRIBUTES", text: (node) => listAttributes(node.agent_info.attributes), wide: true },
      { title: "ADDRESS", text: agentAddress, wide: true },
      { title: "VERSION", text: (node) => node.version, wide: true },
      {
        title: "AGE",
        right: true,
        text: (node) => since(registeredMs(node), nowMs),
        key: (node) => -(registeredMs(node) ?? 0),
      },
      { title: "ID", text: nodeId, wide: true },
    ],
  };
}

function lookOf(node: Node) {
  return showNode({ ...node, drain: node.drain_info?.state });
}

/** Why the master has no use of an agent, however well that is by itself; undefined while it has. */
export function whyAway({ active, deactivated, recovered }: Node): string | undefined {
  if (recovered) return "the master knows of it from before, and has not heard of it since it began to lead";
  return active || deactivated ? undefined : "it has no connection to the master";
}

function registeredMs(node: Node): number | undefined {
  const nanoseconds = node.registered_time?.nanoseconds;
  return nanoseconds === undefined ? undefined : nanoseconds / 1e6;
}

function attribute(agent: AgentInfo, key: string): string | undefined {
  const found = agent.attributes?.find(({ name }) => name === key);
  return found && attributeValue(found);
}

/** All about one node; the caller adds its tasks. */
export function nodeDetails(node: Node, parts: NonNullable<Details["parts"]>): Details {
  const { agent_info: info, total_resources: total, allocated_resources: used } = node;
  const fault = info.domain?.fault_domain;
  const look = lookOf(node);
  const registered = registeredMs(node);
  return {
    item: node,
    name: nodeId(node),
    lines: [
      ["Node", lastPart(nodeId(node)), "strong"],
      ["Id", nodeId(node)],
      ["Host", info.hostname],
      ["Address", agentAddress(node)],
      ["State", shown(look), look.tone],
      ["Drain", drainText(node)],
      ["Version", node.version],
      ["Attributes", listAttributes(info.attributes)],
      ["Domain", fault && `${fault.region.name} / ${fault.zone.name}`],
      ["Joined", registered === undefined ? undefined : iso(Math.round(registered))],
      ["CPUs", usedOf(used, total, "cpus")],
      ["Memory", usedOf(used, total, "mem")],
      ["Disk", usedOf(used, total, "disk")],
      ["GPUs", amount(total, "gpus") > 0 ? usedOf(used, total, "gpus") : undefined],
      ["Ports", ports(total)],
      ["Offered", listResources(node.offered_resources)],
      ...reservations(total ?? []),
    ],
    parts,
  };
}

function drainText(node: Node): string | undefined {
  const config = node.drain_info?.config;
  if (!config) return undefined;
  const grace = config.max_grace_period
    ? `at most ${Math.round(config.max_grace_period.nanoseconds / 1e9)}s of grace`
    : "";
  return [grace, config.mark_gone ? "then gone for ever" : ""].filter((text) => text !== "").join(", ") || "under way";
}

function reservations(total: readonly Resource[]): [string, string][] {
  const byRole = new Map<string, Resource[]>();
  for (const resource of total) {
    const role = reservedRole(resource);
    if (role !== undefined) byRole.set(role, [...(byRole.get(role) ?? []), resource]);
  }
  return [...byRole].map(([role, resources]) => [`Reserved for ${role}`, listResources(resources)]);
}
