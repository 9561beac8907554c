import type { Isolation } from "@meseta/kernel/core/agent/isolation.ts";

export interface OciNamespace {
  readonly type: "pid" | "network" | "ipc" | "uts" | "mount" | "cgroup" | "user";
  /** Joined; absent: made. */
  readonly path?: string;
}

export interface NamespaceWishes {
  /** Of a joined network; absent: the agent's. */
  readonly network?: string | undefined;
  /** Of the group's first container; absent: this is the first, or has its own. */
  readonly pid?: string | undefined;
  readonly user: boolean;
}

/** The namespaces of a container: those of its own are made, named ones joined, and what is left out is the agent's. */
export function namespaces(
  isolation: Pick<Isolation, "network" | "pidNamespace" | "ipc">,
  wishes: NamespaceWishes,
): OciNamespace[] {
  const own = (type: OciNamespace["type"], path?: string): OciNamespace => ({ type, ...(path && { path }) });
  return [
    own("mount"),
    own("cgroup"),
    ...(isolation.pidNamespace === "agent" ? [] : [own("pid", wishes.pid)]),
    ...(isolation.ipc?.mode === "agent" ? [] : [own("ipc")]),
    // With the agent's network goes the agent's host name.
    own("uts"),
    ...(isolation.network.kind === "host" ? [] : [own("network", wishes.network)]),
    ...(wishes.user ? [own("user")] : []),
  ];
}
