import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { isRefusal, type Refusal } from "@meseta/api/mesos/refusal.ts";
import type { Run } from "../executor/host.ts";
import { containerProblem } from "./abilities.ts";
import { type Outfit, outfitOf, type Parent } from "./isolate.ts";
import type { ContainerNetwork } from "./isolation.ts";
import { ownNetwork, portProblem } from "./network.ts";
import { runDirectory } from "./sandbox.ts";
import type { AgentConfig, AgentState, AgentTask, Executor } from "./state.ts";
import { wishOf } from "./wish.ts";

/** How the container of a task is equipped; a group is around each of its tasks. */
export function taskOutfit({ config }: AgentState, task: AgentTask, run: Run): Outfit | Refusal {
  const { executor, info } = task;
  const parent = executor.kind === "default" ? groupOf(config, executor) : undefined;
  if (isRefusal(parent)) return parent;
  return outfitOf(config, {
    id: run.containerId,
    container: info.container,
    command: info.command,
    directory: runDirectory(task, run),
    resources: info.resources ?? [],
    defaultUser: executor.user,
    parent,
  });
}

/** The same of a custom executor. */
export function executorOutfit({ config }: AgentState, executor: Executor): Outfit | Refusal {
  const { containerId: id, info, directory, user: defaultUser } = executor;
  const { container, command, resources = [] } = info;
  return outfitOf(config, { id, container, command, directory, resources, defaultUser });
}

/** The outfit, when this agent can give it. Ports of the agent that are mapped must be among what was granted. */
export function givenHere(
  { containers }: AgentConfig,
  outfit: Outfit | Refusal,
  granted: readonly Resource[],
): Outfit | Refusal {
  if (isRefusal(outfit) || outfit.isolation === undefined) return outfit;
  return containerProblem(outfit.isolation, containers) ?? portProblem(outfit.isolation.network, granted) ?? outfit;
}

/** What an executor and all its tasks were granted: ports of a network that they share may be any of them. */
export function grantedTo({ info, tasks }: Executor): Resource[] {
  return [...(info.resources ?? []), ...[...tasks.values()].flatMap((task) => task.info.resources ?? [])];
}

/** A default executor has no process: it is the network and the volumes that its tasks share. */
export function groupOf(config: AgentConfig, executor: Executor): Parent | Refusal {
  const { directory, info } = executor;
  const network = groupNetwork(config, executor);
  if (isRefusal(network)) return network;
  const { container, resources = [] } = info;
  return { directory, resources, container, network, sharesIpc: container?.linux_info?.ipc_mode === "SHARE_PARENT" };
}

function groupNetwork(config: AgentConfig, { containerId, info }: Executor): ContainerNetwork | Refusal {
  const wish = wishOf(info.container, config.containers.bridge);
  if (isRefusal(wish)) return wish;
  return wish.networks === undefined ? { kind: "host" } : ownNetwork(containerId, wish.networks, wish.hostname);
}
