import type { CommandInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { hostAndPort } from "@meseta/lib/core/address.ts";
import { formatDurationMs } from "@meseta/lib/core/duration.ts";
import type { Outfit } from "./isolate.ts";
import { secretText } from "./secret.ts";
import type { AgentConfig, AgentState, Executor } from "./state.ts";

type Environment = Record<string, string>;

/** The whole environment of a custom executor, or of a command task: the variables of Mesos, then the command's own. */
export function executorEnvironment(
  state: AgentState,
  executor: Executor,
  outfit: Outfit,
  command: CommandInfo | undefined,
): Environment {
  return {
    ...mesosVariables(state, executor, outfit),
    ...outfit.environment,
    ...ownVariables(command),
    ...place(outfit),
  };
}

/** The same for a task of an executor inside the agent. */
export function taskEnvironment(
  state: AgentState,
  executor: Executor,
  role: string | undefined,
  outfit: Outfit,
  command: CommandInfo | undefined,
): Environment {
  const environment = mesosVariables(state, executor, outfit);
  if (role !== undefined) environment["MESOS_ALLOCATION_ROLE"] = role;
  // The address in a network of its own is not known before the container is.
  if (executor.kind === "default" && !hasOwnNetwork(outfit)) environment["MESOS_CONTAINER_IP"] = state.config.ip;
  return { ...environment, ...outfit.environment, ...ownVariables(command), ...place(outfit) };
}

/** Of a container that an operator starts: nothing but where it is. */
export function plainEnvironment(config: AgentConfig, outfit: Outfit, command: CommandInfo | undefined): Environment {
  const environment = { ...pathOf(config, outfit), MESOS_SANDBOX: outfit.inside };
  return { ...environment, ...outfit.environment, ...ownVariables(command), ...place(outfit) };
}

/** The variables that a command sets, secrets with their text. */
export function ownVariables(command: CommandInfo | undefined): Environment {
  const environment: Environment = {};
  for (const { name, type, value, secret } of command?.environment?.variables ?? []) {
    const text = type === "SECRET" ? secretText(secret) : value;
    if (text !== undefined) environment[name] = text;
  }
  return environment;
}

// An image says itself where its programs are, and may say where they begin.
function pathOf({ path }: AgentConfig, { isolation }: Outfit): Environment {
  return isolation?.image === undefined ? { PATH: path } : {};
}

function place({ isolation, inside }: Outfit): Environment {
  return isolation?.image === undefined ? { PWD: inside } : {};
}

function hasOwnNetwork({ isolation }: Outfit): boolean {
  return isolation?.network.kind === "own";
}

function mesosVariables(state: AgentState, executor: Executor, outfit: Outfit): Environment {
  const { config } = state;
  const checkpoint = executor.framework.info.checkpoint === true;
  const environment: Environment = {
    LIBPROCESS_IP: hasOwnNetwork(outfit) ? "0.0.0.0" : config.ip,
    LIBPROCESS_PORT: "0",
    MESOS_AGENT_ENDPOINT: hostAndPort(config.ip, config.port),
    MESOS_CHECKPOINT: checkpoint ? "1" : "0",
    MESOS_DIRECTORY: outfit.inside,
    MESOS_EXECUTOR_ID: executor.id,
    MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD: formatDurationMs(shutdownGraceMs(config, executor)),
    MESOS_FRAMEWORK_ID: executor.framework.id,
    MESOS_HTTP_COMMAND_EXECUTOR: "0",
    MESOS_SANDBOX: outfit.inside,
    MESOS_SLAVE_ID: state.agentId!,
    MESOS_SLAVE_PID: `slave(1)@${hostAndPort(config.ip, config.port)}`,
    ...pathOf(config, outfit),
  };
  if (checkpoint) {
    environment["MESOS_RECOVERY_TIMEOUT"] = formatDurationMs(config.recoveryTimeoutMs);
    environment["MESOS_SUBSCRIPTION_BACKOFF_MAX"] = formatDurationMs(config.executorReregistrationTimeoutMs);
  }
  return environment;
}

/** How long the executor has between SHUTDOWN and its end. */
export function shutdownGraceMs(config: AgentConfig, executor: Executor): number {
  const own = executor.info.shutdown_grace_period?.nanoseconds;
  return own === undefined ? config.executorShutdownGraceMs : own / 1e6;
}
