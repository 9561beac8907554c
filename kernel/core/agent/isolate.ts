import type { CommandInfo, ContainerInfo, Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { isRefusal, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import { commandOf } from "./command-line.ts";
import type { ContainerNetwork, Isolation } from "./isolation.ts";
import { hostnameProblem, ownNetwork } from "./network.ts";
import type { SandboxLink } from "./outside.ts";
import type { ContainerSpec } from "./ports.ts";
import { environmentProblem } from "./secret.ts";
import type { AgentConfig } from "./state.ts";
import { isLink, linkOf, mountOf, type VolumeParent, type VolumeWish, volumesOf } from "./volumes.ts";
import { type ContainerWish, wishOf } from "./wish.ts";

/** Who asks for a container, and what is around it. */
export interface Asker {
  /** Under which the driver is to know it. */
  readonly id: string;
  readonly container: ContainerInfo | undefined;
  readonly command: CommandInfo | undefined;
  /** The sandbox on the agent. */
  readonly directory: string;
  readonly resources: readonly Resource[];
  /** The user when neither the command nor the image names one. */
  readonly defaultUser: string | undefined;
  /** What is around it; absent: the agent. */
  readonly parent?: Parent | undefined;
}

export interface Parent extends VolumeParent {
  readonly network: ContainerNetwork;
  readonly sharesIpc: boolean;
}

/** How a container is equipped, as what it asks for says. */
export interface Outfit {
  /** Absent: a plain process. */
  readonly isolation: Isolation | undefined;
  /** Volumes of a plain process. */
  readonly links: readonly SandboxLink[];
  /** The sandbox as the container sees it. */
  readonly inside: string;
  /** These parts of its spec. */
  readonly spec: Pick<ContainerSpec, "command" | "workingDirectory" | "user" | "rlimits" | "terminal" | "isolation">;
  /** Variables that are asked for beside the command. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * What the asker is to have. Refused is what cannot be had from any agent; whether this one gives it is looked at in
 * abilities.ts, because a container that runs keeps what it has when its agent comes back with fewer abilities.
 */
export function outfitOf(config: AgentConfig, asker: Asker): Outfit | Refusal {
  const { directory, parent, resources, command } = asker;
  const wish = wishOf(asker.container, config.containers.bridge);
  if (isRefusal(wish)) return wish;
  const owner = { workDir: config.workDir, directory, hasImage: wish.image !== undefined, resources, parent };
  const volumes = volumesOf(owner, wish.volumes);
  if (isRefusal(volumes)) return volumes;
  const network = networkOf(asker, wish);
  const problem = environmentProblem(command) ?? hostnameProblem(network) ?? profileProblem(wish);
  if (problem !== undefined) return problem;
  if (isPlain(wish, network, volumes)) return plainOutfit(config, asker, wish, volumes);
  return isolatedOutfit(config, asker, wish, network, volumes);
}

// A profile is a file of the agent's folder for them.
function profileProblem({ seccomp }: ContainerWish): Refusal | undefined {
  if (typeof seccomp !== "object" || /^[\w-][\w.-]*$/.test(seccomp.profile)) return undefined;
  return refuse(`'${seccomp.profile}' is no name of a seccomp profile`);
}

function networkOf({ id, parent }: Asker, { networks, hostname }: ContainerWish): ContainerNetwork {
  if (networks !== undefined) return ownNetwork(id, networks, hostname);
  return parent?.network ?? { kind: "host" };
}

// Asks for nothing but what a process and links in its sandbox can give.
function isPlain(wish: ContainerWish, network: ContainerNetwork, volumes: readonly VolumeWish[]): boolean {
  const { image, capabilities, seccomp, ipc, shmMiB, devices, privileged, readOnlyRoot } = wish;
  const rights = capabilities ?? seccomp ?? shmMiB;
  if (image !== undefined || rights !== undefined || ipc === "own" || devices.length > 0) return false;
  return !privileged && !readOnlyRoot && network.kind === "host" && volumes.every(isLink);
}

function plainOutfit(config: AgentConfig, asker: Asker, wish: ContainerWish, volumes: readonly VolumeWish[]): Outfit {
  const { directory, command } = asker;
  const user = config.switchUser ? (command?.user ?? asker.defaultUser) : undefined;
  return {
    isolation: undefined,
    links: volumes.map((volume) => linkOf(directory, volume)),
    inside: directory,
    spec: {
      command: commandOf(command),
      workingDirectory: directory,
      ...(user === undefined ? {} : { user }),
      ...kept(wish),
    },
    environment: {},
  };
}

function isolatedOutfit(
  config: AgentConfig,
  asker: Asker,
  wish: ContainerWish,
  network: ContainerNetwork,
  volumes: readonly VolumeWish[],
): Outfit | Refusal {
  const { directory, command } = asker;
  const { image, docker } = wish;
  const inside = image === undefined ? directory : config.containers.sandboxInside;
  const namespaces = namespacesOf(asker, wish, network);
  if (isRefusal(namespaces)) return namespaces;
  const user = config.switchUser ? (command?.user ?? docker?.user) : undefined;
  const isolation: Isolation = {
    ...(image === undefined ? {} : { image }),
    sandbox: { host: directory, inside },
    mounts: [...volumes.map(mountOf), ...(wish.inMemory ?? [])],
    network,
    ...usersOf(config, asker),
    ...namespaces,
    ...rightsOf(wish),
  };
  const spec = {
    command: commandOf(command, image && (docker ?? "as the image says")),
    workingDirectory: docker?.workingDirectory ?? inside,
    ...(user === undefined ? {} : { user }),
    ...kept(wish),
    isolation,
  };
  return { isolation, links: [], inside, spec, environment: docker?.environment ?? {} };
}

function usersOf(config: AgentConfig, { defaultUser }: Asker): Pick<Isolation, "defaultUser" | "rootAllowed"> {
  const usual = config.switchUser && defaultUser !== undefined ? { defaultUser } : {};
  return { ...usual, rootAllowed: config.rootTasks };
}

function kept({ rlimits, terminal }: ContainerWish): Pick<ContainerSpec, "rlimits" | "terminal"> {
  return { ...(rlimits === undefined ? {} : { rlimits }), ...(terminal === undefined ? {} : { terminal }) };
}

function namespacesOf(
  { parent }: Asker,
  { sharePids, ipc, shmMiB }: ContainerWish,
  network: ContainerNetwork,
): Pick<Isolation, "pidNamespace" | "ipc"> | Refusal {
  if (sharePids && parent !== undefined && network.kind === "host")
    return refuse("containers of a group can share their process ids only when the group has a network of its own");
  if (ipc === "parent" && parent?.sharesIpc === false)
    return refuse("its IPC namespace cannot be that of its parent, which has one of its own: use PRIVATE");
  const pidNamespace = !sharePids ? "own" : parent === undefined ? "agent" : "group";
  if (ipc === undefined && shmMiB === undefined) return { pidNamespace };
  const mode = ipc === "parent" ? "agent" : "own";
  return { pidNamespace, ipc: { mode, ...(shmMiB === undefined ? {} : { shmMiB }) } };
}

function rightsOf(wish: ContainerWish): Partial<Isolation> {
  const { privileged, capabilities, seccomp, devices, readOnlyRoot } = wish;
  return {
    ...(privileged ? { privileged } : {}),
    ...(capabilities === undefined ? {} : { capabilities }),
    ...(seccomp === undefined ? {} : { seccomp }),
    ...(devices.length === 0 ? {} : { devices }),
    ...(readOnlyRoot ? { readOnlyRoot } : {}),
  };
}
