import type { Network } from "@meseta/api/marathon/network.ts";
import type {
  DiscoveryInfo,
  Labels,
  NetworkInfo,
  NetworkInfoPortMapping,
  Port,
} from "@meseta/api/mesos/generated/mesos.ts";
import { isOnHost, type ResolvedPort } from "./ports.ts";

/** The networks of a container of the machine's own engine: none on host networking. */
export function networkInfos(
  networks: readonly Network[],
  ports: readonly ResolvedPort[],
  bridgeName: string,
): NetworkInfo[] {
  if (isOnHost(networks)) return [];
  return networks.map(({ mode, name, labels }) => {
    const called = mode === "container/bridge" ? bridgeName : name;
    const mappings = ports.filter(({ networkNames }) => isOn(called, networkNames, networks)).flatMap(mappingsOf);
    return {
      ...(called === undefined ? {} : { name: called }),
      ...labelsOf(labels),
      ...(mappings.length === 0 ? {} : { port_mappings: mappings }),
    };
  });
}

/** One mapping a protocol for a port that has a port of the host. */
export function mappingsOf({ hostPort, taskPort, protocols }: ResolvedPort): NetworkInfoPortMapping[] {
  if (hostPort === undefined) return [];
  return protocols.map((protocol) => ({ host_port: hostPort, container_port: taskPort, protocol }));
}

/** How others find it: by its name, reversed path with dots, and its ports, each with where it is to be reached. */
export function discoveryOf(
  name: string,
  networks: readonly Network[],
  ports: readonly ResolvedPort[],
  bridgeName: string,
): DiscoveryInfo {
  const all = ports.flatMap((port) => portsOf(port, networks, bridgeName));
  return { visibility: "FRAMEWORK", name, ...(all.length === 0 ? {} : { ports: { ports: all } }) };
}

/** `labels` of the wire, absent when there are none. */
export function labelsOf(labels: Readonly<Record<string, string>>): { labels?: Labels } {
  const all = Object.entries(labels).map(([key, value]) => ({ key, value }));
  return all.length === 0 ? {} : { labels: { labels: all } };
}

// A mapping that names no network is for the only one there is.
function isOn(network: string | undefined, names: readonly string[], networks: readonly Network[]): boolean {
  return names.length === 0 ? networks.length === 1 : network !== undefined && names.includes(network);
}

function portsOf(port: ResolvedPort, networks: readonly Network[], bridgeName: string): Port[] {
  const isHost = isOnHost(networks) || port.hostPort !== undefined;
  const scope = isHost
    ? { "network-scope": "host" }
    : { "network-scope": "container", ...networkName(port, networks, bridgeName) };
  return port.protocols.map((protocol) => ({
    number: isHost ? (port.hostPort ?? port.taskPort) : port.taskPort,
    ...(port.name === undefined ? {} : { name: port.name }),
    protocol,
    ...labelsOf({ ...port.labels, ...scope }),
  }));
}

function networkName(
  { networkNames }: ResolvedPort,
  networks: readonly Network[],
  bridgeName: string,
): Record<string, string> {
  const [only] = networks;
  const name = networkNames[0] ?? (only?.mode === "container/bridge" ? bridgeName : only?.name);
  return name === undefined ? {} : { "network-name": name };
}
