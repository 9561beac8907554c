// What a container is to be set apart by: its image, mounts, networks, namespaces and rights. Part of the door in ports.ts.

/** How a container is set apart from the machine. What is absent is as safe as the driver can make it. */
export interface Isolation {
  /** Absent: the agent's own file system is the root. */
  readonly image?: ImageWish;
  /** Where the sandbox is seen inside: MESOS_SANDBOX, and the working directory unless the image names one. */
  readonly sandbox: { readonly host: string; readonly inside: string };
  readonly mounts: readonly ContainerMount[];
  readonly network: ContainerNetwork;
  /** The user when neither `user` nor the image names one. */
  readonly defaultUser?: string;
  /** Whether root inside may be root of the machine. When not, a container that would be root has a user namespace, or is refused. */
  readonly rootAllowed: boolean;
  /** All capabilities, all devices, no seccomp, no masks. Granted only when the agent's setting allows it, which the core has checked. */
  readonly privileged?: boolean;
  /** Names as in mesos.v1 CapabilityInfo.Capability. Absent: the default set. */
  readonly capabilities?: { readonly effective?: readonly string[]; readonly bounding?: readonly string[] };
  /** Absent: the default profile. A name is a file of the agent's seccomp folder. */
  readonly seccomp?: "unconfined" | { readonly profile: string };
  /** "agent": shares the agent's, which its setting must allow. "group": one for all containers of `network.group` that ask so. */
  readonly pidNamespace: "own" | "agent" | "group";
  readonly ipc?: { readonly mode: "own" | "agent"; readonly shmMiB?: number };
  /** Absolute paths of devices, with what may be done ("rwm"). */
  readonly devices?: readonly { readonly path: string; readonly access: string }[];
  /** Root file system read-only, as Docker's --read-only. */
  readonly readOnlyRoot?: boolean;
}

export interface ImageWish {
  /** As users write it: "debian:12", "host:5000/team/app@sha256:…", "oci:/folder:tag", "docker-archive:/file.tar". */
  readonly name: string;
  /** False: asks the registry again even when an image of this name is here. */
  readonly cached: boolean;
  /** The text of a Docker config file with the credentials for this image alone. */
  readonly credentials?: string;
}

/** One thing seen inside. `inside` is absolute, or relative to the sandbox inside. Sources that do not exist are made when `make` says so. */
export type ContainerMount = { readonly inside: string; readonly readOnly: boolean } & (
  | { readonly kind: "path"; readonly host: string; readonly make?: "directory"; readonly propagate?: boolean }
  | { readonly kind: "image"; readonly image: ImageWish }
  /** A file on tmpfs, readable by the container's user alone; the content is base64. */
  | { readonly kind: "secret"; readonly content: string }
  /** An empty folder in memory, counted as the container's; gone with it. Absent: without a size of its own, mode 1777, nothing in it is run. */
  | { readonly kind: "tmpfs"; readonly bytes?: number; readonly mode?: number; readonly exec?: boolean }
);

/** "host": the agent's own network. Else containers of one `group` share one network namespace, made with the first and gone with the last. */
export type ContainerNetwork =
  | { readonly kind: "host" }
  | {
      readonly kind: "own";
      readonly group: string;
      readonly hostname: string;
      /** In order; empty: nothing but loopback. */
      readonly networks: readonly NetworkWish[];
    };

export interface NetworkWish {
  readonly name: string;
  readonly portMappings: readonly PortMapping[];
  /** Passed to the plugins as they are. */
  readonly labels: Readonly<Record<string, string>>;
  /** Addresses asked for; empty: any. */
  readonly addresses: readonly string[];
}

export interface PortMapping {
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: "tcp" | "udp";
}

/** One address that a container has. */
export interface NetworkAddress {
  /** The network's name; absent: the agent's own. */
  readonly network?: string;
  readonly address: string;
  readonly protocol: "IPv4" | "IPv6";
}
