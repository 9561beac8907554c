import type { ContainerID, ContainerInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { isRefusal, type Refusal } from "@meseta/api/mesos/refusal.ts";
import { type Outfit, outfitOf, type Parent } from "./isolate.ts";
import type { ContainerNetwork, NetworkAddress } from "./isolation.ts";
import { executorOutfit, groupOf, taskOutfit } from "./outfits.ts";
import type { ContainerExit } from "./ports.ts";
import type { AgentConfig, AgentState, AgentTask, Executor, OperatorContainer } from "./state.ts";

/** Where a container is, whoever started it: an executor's, a task's, or an operator's. */
export interface Place {
  /** Under which the driver knows it. */
  readonly handle: string;
  readonly directory: string;
  /** The sandbox as the container sees it. */
  readonly inside: string;
  /** Whose limits it shares. */
  readonly group: string;
  readonly root: string;
  readonly user: string | undefined;
  /** The framework that it is part of; undefined: none. */
  readonly owner: string | undefined;
  readonly running: boolean;
  readonly exit: ContainerExit | undefined;
  /** The container that has the namespaces and the root that it sees; undefined: the agent's own. */
  readonly home: string | undefined;
  /** What it is to those that are nested in it. */
  readonly around: Parent;
  /** How it is written to. */
  readonly input: "pipe" | "terminal" | undefined;
  readonly addresses: readonly NetworkAddress[] | undefined;
}

/** The container of that id; undefined when there is none. */
export function placeOf(state: AgentState, id: ContainerID): Place | undefined {
  const container = state.containers.get(containerName(id));
  if (container !== undefined) return operatorPlace(state, container);
  const executor = state.executors.get(id.parent?.value ?? id.value);
  if (executor === undefined || id.parent?.parent !== undefined) return undefined;
  return id.parent === undefined ? executorPlace(state, executor) : taskPlace(state, executor, id.value);
}

/** `parent.child`, as Mesos writes nested ids. */
export function containerName(id: ContainerID): string {
  return id.parent === undefined ? id.value : `${containerName(id.parent)}.${id.value}`;
}

/** How an operator's container is equipped, in what is around it. */
export function operatorOutfit(
  config: AgentConfig,
  { handle, info, command, directory, resources }: Wanted,
  place: Place | undefined,
): Outfit | Refusal {
  return outfitOf(config, {
    id: handle,
    container: info,
    command,
    directory,
    resources,
    defaultUser: place?.user,
    parent: place?.around,
  });
}

type Wanted = Pick<OperatorContainer, "handle" | "info" | "command" | "directory" | "resources">;

function operatorPlace(state: AgentState, container: OperatorContainer): Place {
  const { handle, directory, exit, root, info, addresses, command } = container;
  const parent = container.id.parent === undefined ? undefined : placeOf(state, container.id.parent);
  const kin = {
    handle,
    directory,
    group: root ?? handle,
    root: root ?? handle,
    user: command?.user ?? parent?.user,
    owner: parent?.owner,
    running: container.state === "running",
    exit,
    input: inputOf(container.session, info),
    addresses,
  };
  if (container.within && parent !== undefined)
    return {
      ...kin,
      inside: sandboxWithin(container, parent),
      home: parent.home,
      around: { ...parent.around, directory },
    };
  return { ...kin, ...surroundings(operatorOutfit(state.config, container, parent), kin, info) };
}

/** Where a container that runs in its parent's namespaces has its sandbox: a session has its parent's. */
export function sandboxWithin({ session, id }: Pick<OperatorContainer, "session" | "id">, parent: Place): string {
  return session ? parent.inside : `${parent.inside}/containers/${id.value}`;
}

function executorPlace(state: AgentState, executor: Executor): Place {
  const { containerId: handle, directory, user, kind, info } = executor;
  const running = executor.state !== "terminated";
  const owner = executor.framework.id;
  const kin = { handle, directory, group: handle, root: handle, user, owner, running, exit: undefined };
  if (kind === "default") return { ...kin, ...emptyPlace(state.config, executor) };
  const [task] = kind === "command" ? executor.tasks.values() : [];
  const container = kind === "command" ? task?.info.container : info.container;
  const outfit = task?.run === undefined ? executorOutfit(state, executor) : taskOutfit(state, task, task.run);
  const addresses = task?.run?.addresses ?? executor.addresses;
  return { ...kin, input: inputOf(false, container), addresses, ...surroundings(outfit, kin, container) };
}

// A default executor has no process that anything could run inside of.
function emptyPlace(config: AgentConfig, executor: Executor) {
  const { directory } = executor;
  const group = groupOf(config, executor);
  const around = isRefusal(group) ? bare(directory, undefined, { kind: "host" }) : group;
  return { inside: directory, home: undefined, input: undefined, addresses: undefined, around };
}

function taskPlace(state: AgentState, executor: Executor, id: string): Place | undefined {
  const held = state.runs.get(id);
  if (held === undefined || held.executor !== executor || executor.kind !== "default") return undefined;
  const { task, run } = held;
  const { containerId, user } = executor;
  const kin = {
    handle: id,
    directory: `${executor.directory}/containers/${id}`,
    group: containerId,
    root: containerId,
    user: userOf(task) ?? user,
    owner: executor.framework.id,
    running: run.phase === "running",
    exit: undefined,
    input: inputOf(false, task.info.container),
    addresses: run.addresses,
  };
  return { ...kin, ...surroundings(taskOutfit(state, task, run), kin, task.info.container) };
}

const userOf = (task: AgentTask): string | undefined => task.info.command?.user;

function inputOf(session: boolean, container: ContainerInfo | undefined): Place["input"] {
  if (container?.tty_info !== undefined) return "terminal";
  return session ? "pipe" : undefined;
}

function surroundings(
  outfit: Outfit | Refusal,
  { handle, directory }: Pick<Place, "handle" | "directory">,
  container: ContainerInfo | undefined,
): Pick<Place, "inside" | "home" | "around"> {
  const isolation = isRefusal(outfit) ? undefined : outfit.isolation;
  return {
    inside: isolation?.sandbox.inside ?? directory,
    home: isolation === undefined ? undefined : handle,
    around: bare(directory, container, isolation?.network ?? { kind: "host" }, isolation?.ipc?.mode === "agent"),
  };
}

function bare(
  directory: string,
  container: ContainerInfo | undefined,
  network: ContainerNetwork,
  sharesIpc = true,
): Parent {
  return { directory, container, network, resources: [], sharesIpc };
}
