import type {
  CommandInfo,
  ContainerID,
  ContainerInfo,
  Resource,
  ValueScalar,
} from "@meseta/api/mesos/generated/mesos.ts";
import { isRefusal, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import { AGENT_BOUNDS } from "./bounds.ts";
import { commandOf, hasCommand } from "./command-line.ts";
import { ownVariables, plainEnvironment } from "./environment.ts";
import type { RequestId } from "./event.ts";
import { hasImage } from "./image.ts";
import type { Outfit } from "./isolate.ts";
import { limitsOf } from "./limits.ts";
import { givenHere } from "./outfits.ts";
import { standaloneFolder } from "./paths.ts";
import { containerName, operatorOutfit, type Place, placeOf, sandboxWithin } from "./place.ts";
import type { ContainerSpec } from "./ports.ts";
import { isRoot, sandboxUser } from "./sandbox.ts";
import type { AgentConfig, AgentState, OperatorContainer } from "./state.ts";

/** What LAUNCH_CONTAINER and its kind ask for. */
export interface LaunchWish {
  container_id: ContainerID;
  command?: CommandInfo | undefined;
  container?: ContainerInfo | undefined;
  resources?: Resource[] | undefined;
  limits?: Record<string, ValueScalar> | undefined;
}

/** A container that may be started, and how. */
export interface Prepared {
  readonly container: OperatorContainer;
  readonly outfit: Outfit;
  readonly place: Place | undefined;
}

/** Pid namespaces go no deeper. */
const MOST_LEVELS = AGENT_BOUNDS.nesting.most;

/** Draws up the container that is asked for; refused with the sentence of a 400. */
export function prepare(state: AgentState, wish: LaunchWish, session: boolean, request: RequestId): Prepared | Refusal {
  const { parent } = wish.container_id;
  const place = parent && placeOf(state, parent);
  if (parent !== undefined && place?.running !== true)
    return refuse(`Parent container ${containerName(parent)} does not exist`);
  const problem = wishProblem(wish, session);
  if (problem !== undefined) return problem;
  const container = newContainer(state, wish, session, place, request);
  const outfit = outfitIn(state.config, container, place);
  if (isRefusal(outfit)) return refuse(`Failed to launch container: ${outfit.message}`);
  return rootProblem(state.config, wish, outfit, place) ?? { container, outfit, place };
}

/** The sandbox and the whole spec of a container that was drawn up. */
export function launchOf(config: AgentConfig, { container, outfit, place }: Prepared, wish: LaunchWish) {
  const { directory } = container;
  // A user of the image around it may be none of the machine.
  const named = container.within && place?.home !== undefined ? undefined : wish.command?.user;
  const user = sandboxUser(config, outfit, named ?? place?.user, place?.user);
  return {
    type: "launch" as const,
    sandbox: { directory, user, links: outfit.links, files: [] },
    container: {
      ...(container.within
        ? withinSpec(config, container, place!, wish)
        : ownSpec(config, container, outfit, place, wish)),
      ...(container.session ? sessionOf(wish) : {}),
    },
  };
}

function wishProblem({ container_id, command, container }: LaunchWish, session: boolean): Refusal | undefined {
  if (levelsOf(container_id) > MOST_LEVELS) return refuse(`Containers can be nested to ${MOST_LEVELS} levels`);
  if (session && hasImage(container)) return refuse("A session runs in its parent's image and has none of its own");
  return hasCommand(command, container) ? undefined : refuse("Expecting 'command' to be present");
}

const levelsOf = (id: ContainerID): number => (id.parent === undefined ? 1 : 1 + levelsOf(id.parent));

// One without an image runs as the agent's machine knows its user.
function rootProblem(
  config: AgentConfig,
  { command, container }: LaunchWish,
  { isolation }: Outfit,
  place: Place | undefined,
): Refusal | undefined {
  if (config.rootTasks || hasImage(container) || place?.home !== undefined) return undefined;
  const user = config.switchUser ? (command?.user ?? (isolation && place?.user) ?? config.user) : config.user;
  return isRoot(user)
    ? refuse("This agent runs nothing as root: start it with --root-tasks, or name another user")
    : undefined;
}

function newContainer(
  { config, random }: AgentState,
  { container_id: id, resources = [], container: info, command }: LaunchWish,
  session: boolean,
  place: Place | undefined,
  request: RequestId,
): OperatorContainer {
  const directory =
    place === undefined ? standaloneFolder(config.workDir, id.value) : `${place.directory}/containers/${id.value}`;
  return {
    id,
    name: containerName(id),
    handle: random.uuid(),
    directory,
    root: place?.root,
    resources,
    info,
    command,
    session,
    within: place?.home !== undefined && (session || !asksForMore(config, info)),
    state: "launching",
    pid: undefined,
    addresses: undefined,
    exit: undefined,
    failure: undefined,
    launching: request,
  };
}

// Whether the container asks for more than its parent's namespaces.
function asksForMore(config: AgentConfig, info: ContainerInfo | undefined): boolean {
  const asked = { handle: "", info, command: undefined, directory: "", resources: [] };
  const outfit = operatorOutfit(config, asked, undefined);
  return isRefusal(outfit) || outfit.isolation !== undefined || outfit.links.length > 0;
}

function outfitIn(config: AgentConfig, container: OperatorContainer, place: Place | undefined): Outfit | Refusal {
  // What runs in its parent's namespaces has them already.
  const around = container.within ? undefined : place;
  const outfit = givenHere(config, operatorOutfit(config, container, around), container.resources);
  if (isRefusal(outfit) || place?.home === undefined || container.within || outfit.isolation !== undefined)
    return outfit;
  return refuse("volumes of a container in another are mounts: give it an image, or let them be read-only");
}

function ownSpec(
  config: AgentConfig,
  { handle, directory }: OperatorContainer,
  outfit: Outfit,
  place: Place | undefined,
  { command, resources = [], limits }: LaunchWish,
): ContainerSpec {
  return {
    ...outfit.spec,
    ...outputsOf(config, handle, directory),
    ...(place?.owner !== undefined && { owner: place.owner }),
    environment: plainEnvironment(config, outfit, command),
    ...(place === undefined ? { limits: limitsOf(resources, limits, config) } : { group: place.group }),
  };
}

// The driver adds to the environment what the parent has.
function withinSpec(
  config: AgentConfig,
  container: OperatorContainer,
  place: Place,
  { command }: LaunchWish,
): ContainerSpec {
  const { handle, directory } = container;
  const workingDirectory = sandboxWithin(container, place);
  return {
    command: commandOf(command),
    ...outputsOf(config, handle, directory),
    environment: { MESOS_SANDBOX: workingDirectory, ...ownVariables(command) },
    workingDirectory,
    ...(config.switchUser && command?.user !== undefined ? { user: command.user } : {}),
    inside: place.home!,
  };
}

function outputsOf({ rotation }: AgentConfig, id: string, directory: string) {
  const outputs = { id, stdout: `${directory}/stdout`, stderr: `${directory}/stderr` };
  return rotation === undefined ? outputs : { ...outputs, rotation };
}

/** Its reader must get all of it, so nothing is cut off; the output is gone with the container. */
function sessionOf({ container }: LaunchWish): Partial<ContainerSpec> {
  const rotation = { maxBytes: 0, keep: 0 };
  if (container?.tty_info === undefined) return { openInput: true, rotation };
  const { rows, columns } = container.tty_info.window_size ?? { rows: 24, columns: 80 };
  return { terminal: { rows, columns }, rotation };
}
