export type NetworkMode = "host" | "container/bridge" | "container";

/** A network that an app or pod is on. Only mode `container` has a name. */
export interface Network {
  readonly mode: NetworkMode;
  readonly name?: string;
  readonly labels: Readonly<Record<string, string>>;
}

export type Protocol = "tcp" | "udp" | "udp,tcp";

/** A port of an app on host networking. `port` is the service port; with requirePorts it is the host port too. In stored apps it is never 0. */
export interface PortDefinition {
  readonly port: number;
  readonly protocol: Protocol;
  readonly name?: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A port of an app off host networking. `containerPort` 0 means the same number as the host port. In stored apps `servicePort` is never 0. */
export interface PortMapping {
  readonly containerPort: number;
  /** Absent: no port of the host. 0: any. */
  readonly hostPort?: number;
  readonly servicePort: number;
  readonly protocol: Protocol;
  readonly name?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly networkNames: readonly string[];
}

/** A port of a pod's container. Off host networking `containerPort` is always there. */
export interface Endpoint {
  readonly name: string;
  readonly containerPort?: number;
  /** Absent: no port of the host. 0: any. */
  readonly hostPort?: number;
  readonly protocol: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly networkNames: readonly string[];
}
