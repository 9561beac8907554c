import type { Call } from "@meseta/api/mesos/generated/agent.ts";
import type {
  CommandInfo,
  ContainerID,
  ContainerInfo,
  Resource,
  ValueScalar,
} from "@meseta/api/mesos/generated/mesos.ts";
import { plainEnvironment } from "./environment.ts";
import type { RequestId } from "./event.ts";
import { discard } from "./gc.ts";
import { limitsOf, rlimitsOf } from "./limits.ts";
import { standaloneFolder } from "./paths.ts";
import type { ContainerExit, ContainerSpec } from "./ports.ts";
import { commandOf, containerProblem } from "./sandbox.ts";
import { keys } from "./saved.ts";
import type { AgentState, OperatorContainer, Turn } from "./state.ts";

/** The operator's calls that start, await and end containers. Both names of each are one: the older ones want a parent. */
export function operatorCall(turn: Turn, request: RequestId, call: Call): void {
  switch (call.type) {
    case "LAUNCH_CONTAINER":
      return launch(turn, request, call.launch_container!);
    case "LAUNCH_NESTED_CONTAINER":
      return launch(turn, request, call.launch_nested_container!);
    case "LAUNCH_NESTED_CONTAINER_SESSION":
      return launch(turn, request, call.launch_nested_container_session!, "session");
    case "WAIT_CONTAINER":
      return wait(turn, request, call.wait_container!.container_id, false);
    case "WAIT_NESTED_CONTAINER":
      return wait(turn, request, call.wait_nested_container!.container_id, true);
    case "KILL_CONTAINER":
      return kill(turn, request, call.kill_container!);
    case "KILL_NESTED_CONTAINER":
      return kill(turn, request, call.kill_nested_container!);
    case "REMOVE_CONTAINER":
      return remove(turn, request, call.remove_container!.container_id);
    case "REMOVE_NESTED_CONTAINER":
      return remove(turn, request, call.remove_nested_container!.container_id);
    case "PRUNE_IMAGES":
      return turn.out.answer(request, { status: 200 });
    default:
      return turn.out.answer(request, { status: 501, text: `${call.type} is not supported by this agent` });
  }
}

export function operatorContainerStarted(turn: Turn, container: OperatorContainer, pid: number): void {
  container.state = "running";
  container.pid = pid;
  if (container.launching !== undefined) turn.out.answer(container.launching, { status: 200 });
  container.launching = undefined;
}

export function operatorContainerFailed(turn: Turn, container: OperatorContainer, message: string): void {
  if (container.launching !== undefined)
    turn.out.answer(container.launching, { status: 400, text: `Failed to launch container: ${message}` });
  container.launching = undefined;
  forgetContainer(turn, container);
}

export function operatorContainerExited(turn: Turn, container: OperatorContainer, exit: ContainerExit): void {
  container.state = "ended";
  container.exit = exit;
  save(turn, container);
  turn.out.push({ type: "forget", id: container.handle });
  answerWaits(turn, container.handle, exit);
  destroyBelow(turn, container.name);
}

/** What was nested in a container that is gone goes too. */
export function destroyBelow(turn: Turn, name: string): void {
  for (const other of turn.state.containers.values())
    if (other.state !== "ended" && other.name.startsWith(`${name}.`))
      turn.out.push({ type: "destroy", id: other.handle });
}

/** A container ended: whoever waited for it hears how. */
export function answerWaits(turn: Turn, handle: string, exit: ContainerExit): void {
  for (const { request, nested } of turn.state.waits.get(handle) ?? []) answerWait(turn, request, nested, exit);
  turn.state.waits.delete(handle);
}

export function requestClosed(turn: Turn, request: RequestId): void {
  for (const [handle, waits] of turn.state.waits) {
    const left = waits.filter((wait) => wait.request !== request);
    if (left.length === 0) turn.state.waits.delete(handle);
    else turn.state.waits.set(handle, left);
  }
}

/** Where a container writes what it says, and whether it still may. */
export interface Output {
  /** Under which the driver knows the container. */
  readonly handle: string;
  readonly directory: string;
  readonly running: boolean;
}

/** The output of a container, whoever started it; undefined when there is none of that id. */
export function outputOf(state: AgentState, id: ContainerID): Output | undefined {
  const place = placeOf(state, id);
  return place && { handle: place.handle, directory: place.directory, running: place.running };
}

/** `parent.child`, as Mesos writes nested ids. */
export function containerName(id: ContainerID): string {
  return id.parent === undefined ? id.value : `${containerName(id.parent)}.${id.value}`;
}

interface LaunchWish {
  container_id: ContainerID;
  command?: CommandInfo | undefined;
  container?: ContainerInfo | undefined;
  resources?: Resource[] | undefined;
  limits?: Record<string, ValueScalar> | undefined;
}

function launch(turn: Turn, request: RequestId, wish: LaunchWish, kind: "session" | "plain" = "plain"): void {
  const { state, out } = turn;
  const name = containerName(wish.container_id);
  const known = state.containers.get(name);
  if ((known !== undefined && known.state !== "ended") || placeOf(state, wish.container_id)?.running === true)
    return out.answer(request, { status: 202 });
  const { parent } = wish.container_id;
  const place = parent && placeOf(state, parent);
  if (parent !== undefined && place?.running !== true)
    return out.answer(request, { status: 400, text: `Parent container ${containerName(parent)} does not exist` });
  const problem = problemOf(turn, wish);
  if (problem !== undefined) return out.answer(request, { status: 400, text: problem });
  if (known !== undefined) forgetContainer(turn, known);
  const container = newContainer(turn, wish, name, place, request);
  out.push({
    type: "launch",
    sandbox: { directory: container.directory, user: undefined, links: [], files: [] },
    container: { ...specOf(state, container, wish, place), ...(kind === "session" ? sessionOf(wish) : {}) },
  });
}

/** Its reader must get all of it, so nothing is cut off; the output is gone with the container. */
function sessionOf({ container }: LaunchWish): Partial<ContainerSpec> {
  const rotation = { maxBytes: 0, keep: 0 };
  if (container?.tty_info === undefined) return { openInput: true, rotation };
  const { rows, columns } = container.tty_info.window_size ?? { rows: 24, columns: 80 };
  return { terminal: { rows, columns }, rotation };
}

function problemOf({ state }: Turn, { command, container }: LaunchWish): string | undefined {
  const problem = containerProblem(container);
  if (problem !== undefined) return `Failed to launch container: ${problem}`;
  if (command?.value === undefined) return "Expecting 'command' to be present";
  const user = state.config.switchUser ? (command.user ?? state.config.user) : state.config.user;
  if (!state.config.rootTasks && (user === "root" || user === "0"))
    return "This agent runs nothing as root: start it with --root-tasks, or name another user";
  return undefined;
}

function newContainer(
  turn: Turn,
  wish: LaunchWish,
  name: string,
  place: Place | undefined,
  request: RequestId,
): OperatorContainer {
  const { state } = turn;
  const directory =
    place === undefined
      ? standaloneFolder(state.config.workDir, wish.container_id.value)
      : `${place.directory}/containers/${wish.container_id.value}`;
  const container: OperatorContainer = {
    id: wish.container_id,
    name,
    handle: state.random.uuid(),
    directory,
    root: place?.root,
    resources: wish.resources ?? [],
    state: "launching",
    pid: undefined,
    exit: undefined,
    failure: undefined,
    launching: request,
  };
  state.containers.set(name, container);
  state.containersByHandle.set(container.handle, container);
  save(turn, container);
  return container;
}

function specOf(
  state: AgentState,
  container: OperatorContainer,
  wish: LaunchWish,
  place: Place | undefined,
): ContainerSpec {
  const { directory, handle } = container;
  const { config } = state;
  const user = config.switchUser ? (wish.command?.user ?? place?.user) : undefined;
  const rlimits = rlimitsOf(wish.container);
  return {
    id: handle,
    command: commandOf(wish.command),
    environment: plainEnvironment(config, directory, wish.command),
    workingDirectory: directory,
    stdout: `${directory}/stdout`,
    stderr: `${directory}/stderr`,
    ...(user === undefined ? {} : { user }),
    ...(config.rotation === undefined ? {} : { rotation: config.rotation }),
    ...(rlimits === undefined ? {} : { rlimits }),
    ...(place === undefined ? { limits: limitsOf(wish.resources ?? [], wish.limits) } : { group: place.group }),
  };
}

/** Where a container is, whoever started it: an executor's, a task's, or an operator's. */
interface Place {
  readonly handle: string;
  readonly directory: string;
  readonly group: string;
  readonly root: string;
  readonly user: string | undefined;
  readonly running: boolean;
  readonly exit: ContainerExit | undefined;
}

function placeOf(state: AgentState, id: ContainerID): Place | undefined {
  const container = state.containers.get(containerName(id));
  if (container !== undefined) {
    const { handle, directory, exit, root } = container;
    return {
      handle,
      directory,
      group: root ?? handle,
      root: root ?? handle,
      user: undefined,
      running: container.state === "running",
      exit,
    };
  }
  const executor = state.executors.get(id.parent?.value ?? id.value);
  if (executor === undefined || id.parent?.parent !== undefined) return undefined;
  const { containerId, user } = executor;
  const shared = { group: containerId, root: containerId, user, exit: undefined };
  if (id.parent === undefined)
    return { handle: containerId, directory: executor.directory, running: executor.state !== "terminated", ...shared };
  const run = state.runs.get(id.value)?.run;
  if (run === undefined || executor.kind !== "default") return undefined;
  return {
    handle: id.value,
    directory: `${executor.directory}/containers/${id.value}`,
    running: run.phase === "running",
    ...shared,
  };
}

function wait(turn: Turn, request: RequestId, id: ContainerID, nested: boolean): void {
  const place = placeOf(turn.state, id);
  if (place === undefined)
    return turn.out.answer(request, { status: 404, text: `Container ${containerName(id)} cannot be found` });
  if (place.exit !== undefined) return answerWait(turn, request, nested, place.exit);
  const waits = turn.state.waits.get(place.handle) ?? [];
  turn.state.waits.set(place.handle, [...waits, { request, nested }]);
}

function answerWait(turn: Turn, request: RequestId, nested: boolean, exit: ContainerExit): void {
  const ended = {
    ...(exit.waitStatus === "lost" ? {} : { exit_status: exit.waitStatus }),
    ...(exit.limitation === undefined ? {} : { reason: exit.limitation.reason, message: exit.limitation.message }),
  };
  const value = nested
    ? { type: "WAIT_NESTED_CONTAINER" as const, wait_nested_container: ended }
    : { type: "WAIT_CONTAINER" as const, wait_container: ended };
  turn.out.answer(request, { status: 200, message: { type: "mesos.v1.agent.Response", value } });
}

function kill(
  turn: Turn,
  request: RequestId,
  { container_id, signal }: { container_id: ContainerID; signal?: number | undefined },
): void {
  const place = placeOf(turn.state, container_id);
  if (place === undefined || !place.running)
    return turn.out.answer(request, {
      status: 404,
      text: `Container '${containerName(container_id)}' cannot be found (or is already killed)`,
    });
  if (signal === undefined || signal === 9) turn.out.push({ type: "destroy", id: place.handle });
  else turn.out.push({ type: "signal", id: place.handle, signal, to: "leader" });
  turn.out.answer(request, { status: 200 });
}

function remove(turn: Turn, request: RequestId, id: ContainerID): void {
  const { state, out } = turn;
  const container = state.containers.get(containerName(id));
  if (container === undefined) {
    const root = rootOf(id);
    if (state.executors.has(root) || state.containers.has(root)) return out.answer(request, { status: 200 });
    // Mesos dies of this one.
    if (id.parent === undefined)
      return out.answer(request, { status: 404, text: `Container ${containerName(id)} cannot be found` });
    return out.answer(request, { status: 500, text: "Unknown root container" });
  }
  if (container.state !== "ended")
    return out.answer(request, { status: 500, text: `Container ${container.name} has not terminated` });
  forgetContainer(turn, container);
  out.answer(request, { status: 200 });
}

const rootOf = (id: ContainerID): string => (id.parent === undefined ? id.value : rootOf(id.parent));

// Its files go with the garbage; under a name of its own, as the same id may be used again at once.
function forgetContainer(turn: Turn, container: OperatorContainer): void {
  const { state, out } = turn;
  state.containers.delete(container.name);
  state.containersByHandle.delete(container.handle);
  out.erase(keys.container(container.handle));
  out.push({ type: "forget", id: container.handle });
  discard(turn, container.handle, container.directory);
}

function save(turn: Turn, { id, handle, directory, root, resources, exit, failure }: OperatorContainer): void {
  turn.out.save(keys.container(handle), { id, handle, directory, root, resources, exit, failure });
}
