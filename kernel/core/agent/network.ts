import type { NetworkInfo, NetworkInfoPortMapping, Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { firstRefusal, isRefusal, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import type { ContainerNetwork, NetworkWish, PortMapping } from "./isolation.ts";

/** The network of a container that joins these, shared with all others of the group. */
export function ownNetwork(
  group: string,
  networks: readonly NetworkWish[],
  hostname: string | undefined,
): ContainerNetwork & { kind: "own" } {
  return { kind: "own", group, hostname: hostname ?? group, networks };
}

/** A name that would break the files in which it stands. */
export function hostnameProblem(network: ContainerNetwork): Refusal | undefined {
  if (network.kind === "host" || /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/i.test(network.hostname)) return undefined;
  return refuse(`'${network.hostname}' cannot be a hostname: use letters, digits, '-' and '.', at most 63`);
}

/** A port of the agent can be mapped only when it was granted. */
export function portProblem(network: ContainerNetwork, granted: readonly Resource[]): Refusal | undefined {
  if (network.kind === "host") return undefined;
  return firstRefusal(network.networks, ({ portMappings }) =>
    firstRefusal(portMappings, ({ hostPort, containerPort }) => {
      if (containerPort < 1 || containerPort > 65_535) return refuse(`${containerPort} is no port of a container`);
      return isGranted(hostPort, granted)
        ? undefined
        : refuse(`port ${hostPort} of the agent is to be mapped, but is not among the ports granted`);
    }),
  );
}

/** Names in their own order; an entry without a name is the agent's own network. */
export function networkWishes(infos: readonly NetworkInfo[]): NetworkWish[] | Refusal | undefined {
  const wishes: NetworkWish[] = [];
  for (const info of infos) {
    if (info.name === undefined) continue;
    const portMappings = portMappingsOf(info.port_mappings ?? []);
    if (isRefusal(portMappings)) return portMappings;
    const addresses = (info.ip_addresses ?? []).flatMap(({ ip_address }) => ip_address ?? []);
    const labels = (info.labels?.labels ?? []).map(({ key, value }) => [key, value ?? ""]);
    wishes.push({ name: info.name, portMappings, addresses, labels: Object.fromEntries(labels) });
  }
  return wishes.length === 0 ? undefined : wishes;
}

export function portMappingsOf(mappings: readonly NetworkInfoPortMapping[]): PortMapping[] | Refusal {
  const out: PortMapping[] = [];
  for (const { host_port, container_port, protocol = "tcp" } of mappings) {
    const name = protocol.toLowerCase();
    if (name !== "tcp" && name !== "udp")
      return refuse(`port ${container_port} is to be mapped for '${protocol}', which is neither tcp nor udp`);
    out.push({ hostPort: host_port, containerPort: container_port, protocol: name });
  }
  return out;
}

function isGranted(port: number, resources: readonly Resource[]): boolean {
  return resources.some(
    ({ name, ranges }) => name === "ports" && ranges?.range?.some(({ begin, end }) => begin <= port && port <= end),
  );
}
