import type { ContainerInfo, LinuxInfo, TTYInfo, Volume } from "@meseta/api/mesos/generated/mesos.ts";
import { isRefusal, type Refusal } from "@meseta/api/mesos/refusal.ts";
import { dockerWish } from "./docker.ts";
import { imageWish } from "./image.ts";
import type { ContainerMount, ImageWish, Isolation, NetworkWish } from "./isolation.ts";
import { rlimitsOf } from "./limits.ts";
import { networkWishes } from "./network.ts";
import type { RLimit, Window } from "./ports.ts";

/** What a ContainerInfo asks for, of whichever type it is. What is absent or empty was not asked for. */
export interface ContainerWish {
  readonly image?: ImageWish | undefined;
  /** Networks to join instead of the agent's own; empty: none at all. Absent: the agent's, or the parent's. */
  readonly networks?: readonly NetworkWish[] | undefined;
  readonly hostname?: string | undefined;
  readonly volumes: readonly Volume[];
  /** Folders of memory. */
  readonly inMemory?: readonly ContainerMount[] | undefined;
  readonly privileged: boolean;
  readonly capabilities?: Isolation["capabilities"];
  readonly seccomp?: Isolation["seccomp"];
  readonly sharePids: boolean;
  readonly ipc?: "own" | "parent" | undefined;
  readonly shmMiB?: number | undefined;
  readonly devices: readonly { readonly path: string; readonly access: string }[];
  readonly readOnlyRoot: boolean;
  readonly rlimits?: readonly RLimit[] | undefined;
  readonly terminal?: Window | undefined;
  /** Of type DOCKER: what is said of the command beside the command. */
  readonly docker?: DockerCommand;
}

/** The command of a DOCKER container is what its image's entrypoint is given. */
export interface DockerCommand {
  readonly entrypoint?: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory?: string | undefined;
  readonly user?: string | undefined;
}

const NOTHING: ContainerWish = {
  volumes: [],
  privileged: false,
  sharePids: false,
  devices: [],
  readOnlyRoot: false,
};

/** Reads what is asked for. Refuses what no agent of this kind can give; what this agent gives is looked at elsewhere. */
export function wishOf(container: ContainerInfo | undefined, bridge: string): ContainerWish | Refusal {
  if (container === undefined) return NOTHING;
  const common = { ...NOTHING, ...commonPart(container), ...linuxPart(container.linux_info) };
  if (container.type === "DOCKER") return dockerWish(container, common, bridge);
  const image = container.mesos?.image && imageWish(container.mesos.image);
  if (isRefusal(image)) return image;
  const networks = networkWishes(container.network_infos ?? []);
  return isRefusal(networks) ? networks : { ...common, image, networks };
}

function commonPart(container: ContainerInfo): Partial<ContainerWish> {
  const { hostname, volumes = [], tty_info } = container;
  return { hostname, volumes, rlimits: rlimitsOf(container), terminal: tty_info && windowOf(tty_info) };
}

function windowOf({ window_size }: TTYInfo): Window {
  return window_size === undefined ? { rows: 24, columns: 80 } : { ...window_size };
}

function linuxPart(linux: LinuxInfo | undefined): Partial<ContainerWish> {
  if (linux === undefined) return {};
  const { ipc_mode, shm_size, share_pid_namespace, seccomp } = linux;
  const ipc = ipc_mode === "SHARE_PARENT" ? "parent" : ipc_mode === "PRIVATE" ? "own" : undefined;
  const profile = seccomp?.profile_name;
  return {
    capabilities: capabilitiesOf(linux),
    sharePids: share_pid_namespace === true,
    ipc,
    shmMiB: shm_size,
    seccomp: profile === undefined ? (seccomp?.unconfined === true ? "unconfined" : undefined) : { profile },
  };
}

function capabilitiesOf(linux: LinuxInfo): Isolation["capabilities"] {
  const effective = (linux.effective_capabilities ?? linux.capability_info)?.capabilities;
  const bounding = linux.bounding_capabilities?.capabilities;
  // A message without any says "none", but for the older field: it has always meant "as usual".
  const none = linux.effective_capabilities === undefined ? undefined : [];
  const own = effective ?? none;
  const bound = bounding ?? (linux.bounding_capabilities === undefined ? undefined : []);
  if (own === undefined && bound === undefined) return undefined;
  return { ...(own === undefined ? {} : { effective: own }), ...(bound === undefined ? {} : { bounding: bound }) };
}
