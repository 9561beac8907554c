import type { App } from "@meseta/api/marathon/app.ts";
import type { Network } from "@meseta/api/marathon/network.ts";
import type { Pod } from "@meseta/api/marathon/pod.ts";
import type { Random } from "@meseta/lib/core/random.ts";

/** A port of a definition once an instance has its place. */
export interface ResolvedPort {
  readonly name?: string | undefined;
  /** One entry a protocol: tcp, udp. */
  readonly protocols: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** What the definition says, 0 for any: the port of host networking, else the port in the container. */
  readonly declared: number;
  readonly hostPort?: number | undefined;
  /** Where the task listens, in its own network: the host port on host networking. */
  readonly taskPort: number;
  /** Whether nothing gave the number, so that it was drawn. */
  readonly isDrawn: boolean;
  readonly networkNames: readonly string[];
}

type HostPorts = readonly (number | undefined)[];

/** The app's ports. A port of the container that nothing fixes is drawn, once: 1025 to 65535. */
export function portsOfApp(app: App, hostPorts: HostPorts, random: Random): ResolvedPort[] {
  if (isOnHost(app.networks)) {
    return app.portDefinitions.map(({ name, protocol, labels, port }, i) => ({
      ...(name === undefined ? {} : { name }),
      protocols: protocol.split(","),
      labels,
      networkNames: [],
      ...numbers(port, hostPorts[i], true, random),
    }));
  }
  return (app.container?.portMappings ?? []).map(({ name, protocol, labels, containerPort, networkNames }, i) => ({
    ...(name === undefined ? {} : { name }),
    protocols: protocol.split(","),
    labels,
    networkNames,
    ...numbers(containerPort, hostPorts[i], false, random),
  }));
}

/** The endpoints of each of the pod's containers. `hostPorts` are those of all endpoints in their order. */
export function portsOfPod(pod: Pod, hostPorts: HostPorts, random: Random): ResolvedPort[][] {
  let next = 0;
  return pod.containers.map(({ endpoints }) =>
    endpoints.map(({ name, protocol, labels, containerPort, networkNames }) => ({
      name,
      protocols: protocol,
      labels,
      networkNames,
      ...numbers(containerPort ?? 0, hostPorts[next++], isOnHost(pod.networks), random),
    })),
  );
}

export function isOnHost(networks: readonly Network[]): boolean {
  return networks.length === 0 || networks.some(({ mode }) => mode === "host");
}

function numbers(declared: number, hostPort: number | undefined, isHost: boolean, random: Random) {
  const fixed = isHost ? hostPort : declared || hostPort;
  const taskPort = fixed ?? 1025 + random.below(65_536 - 1025);
  return { declared, hostPort, taskPort, isDrawn: fixed === undefined };
}
