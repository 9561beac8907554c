import type { Call } from "@meseta/api/mesos/generated/agent.ts";
import type { ContainerID, Image } from "@meseta/api/mesos/generated/mesos.ts";
import { isRefusal } from "@meseta/api/mesos/refusal.ts";
import type { RequestId } from "./event.ts";
import { discard } from "./gc.ts";
import { limitationOf } from "./limitation.ts";
import { type LaunchWish, launchOf, prepare } from "./operator-launch.ts";
import { containerName, placeOf } from "./place.ts";
import type { ContainerEvent, ContainerExit } from "./ports.ts";
import { keys } from "./saved.ts";
import type { AgentState, OperatorContainer, Turn } from "./state.ts";

export { containerName } from "./place.ts";

/** The operator's calls that start, await and end containers. Both names of each are one: the older ones want a parent. */
export function operatorCall(turn: Turn, request: RequestId, call: Call): void {
  switch (call.type) {
    case "LAUNCH_CONTAINER":
      return launch(turn, request, call.launch_container!);
    case "LAUNCH_NESTED_CONTAINER":
      return launch(turn, request, call.launch_nested_container!);
    case "LAUNCH_NESTED_CONTAINER_SESSION":
      return launch(turn, request, call.launch_nested_container_session!, true);
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
      return pruneImages(turn, request, call.prune_images?.excluded_images ?? []);
    default:
      return turn.out.answer(request, { status: 501, text: `${call.type} is not supported by this agent` });
  }
}

/** Images that no container uses are gone, or could not be removed. */
export function imagesPruned({ out }: Turn, request: RequestId, error: string | undefined): void {
  if (error === undefined) return out.answer(request, { status: 200 });
  out.answer(request, { status: 500, text: `Images could not be removed: ${error}` });
}

export function operatorContainerStarted(
  turn: Turn,
  container: OperatorContainer,
  { pid, addresses }: Pick<ContainerEvent & { type: "started" }, "pid" | "addresses">,
): void {
  container.state = "running";
  container.pid = pid;
  container.addresses = addresses;
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
  forgetOldest(turn);
}

// Clients of sessions seldom remove them; some are kept for whoever asks late how one ended.
function forgetOldest(turn: Turn): void {
  const ended = [...turn.state.containers.values()].filter(({ state }) => state === "ended");
  if (ended.length > turn.state.config.limits.endedContainers) forgetContainer(turn, ended[0]!);
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
  /** All of it comes on stdout. */
  readonly terminal: boolean;
}

/** The output of a container, whoever started it; undefined when there is none of that id. */
export function outputOf(state: AgentState, id: ContainerID): Output | undefined {
  const place = placeOf(state, id);
  if (place === undefined) return undefined;
  const { handle, directory, running, input } = place;
  return { handle, directory, running, terminal: input === "terminal" };
}

/** The way into a container, for `Containers.input`. */
export interface Input {
  /** Under which the driver knows the container. */
  readonly handle: string;
  readonly running: boolean;
  /** undefined: it reads nothing, because it was started without an open input and without a terminal. */
  readonly kind: "pipe" | "terminal" | undefined;
}

/** Whether a container can be written to, whoever started it; undefined when there is none of that id. */
export function inputOf(state: AgentState, id: ContainerID): Input | undefined {
  const place = placeOf(state, id);
  return place && { handle: place.handle, running: place.running, kind: place.input };
}

function launch(turn: Turn, request: RequestId, wish: LaunchWish, session = false): void {
  const { state, out } = turn;
  const known = state.containers.get(containerName(wish.container_id));
  if ((known !== undefined && known.state !== "ended") || placeOf(state, wish.container_id)?.running === true)
    return out.answer(request, { status: 202 });
  const prepared = prepare(state, wish, session, request);
  if (isRefusal(prepared)) return out.answer(request, { status: 400, text: prepared.message });
  if (known !== undefined) forgetContainer(turn, known);
  const { container } = prepared;
  state.containers.set(container.name, container);
  state.containersByHandle.set(container.handle, container);
  save(turn, container);
  out.push(launchOf(state.config, prepared, wish));
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
    ...limitedBy(exit),
  };
  const value = nested
    ? { type: "WAIT_NESTED_CONTAINER" as const, wait_nested_container: ended }
    : { type: "WAIT_CONTAINER" as const, wait_container: ended };
  turn.out.answer(request, { status: 200, message: { type: "mesos.v1.agent.Response", value } });
}

function limitedBy({ limitation }: ContainerExit) {
  if (limitation === undefined) return {};
  const { reason, message } = limitation;
  const broken = limitationOf(limitation);
  return broken === undefined ? { reason, message } : { reason, message, limitation: broken };
}

function pruneImages(turn: Turn, request: RequestId, excluded: readonly Image[]): void {
  const names = excluded.flatMap(({ docker }) => docker?.name ?? []);
  turn.out.push({ type: "prune-images", request, excluded: names });
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

function save(turn: Turn, container: OperatorContainer): void {
  const { id, handle, directory, root, resources, info, command, session, within, exit, failure } = container;
  const user = command?.user === undefined ? undefined : { user: command.user };
  const saved = { id, handle, directory, root, resources, info, command: user, session, within, exit, failure };
  turn.out.save(keys.container(handle), saved);
}
