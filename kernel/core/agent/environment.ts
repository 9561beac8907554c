import type { CommandInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { hostAndPort } from "@meseta/lib/core/address.ts";
import { formatDurationMs } from "@meseta/lib/core/duration.ts";
import type { AgentConfig, AgentState, Executor } from "./state.ts";

type Environment = Record<string, string>;

/** The whole environment of a custom executor, or of a command task: the variables of Mesos, then the command's own. */
export function executorEnvironment(
  state: AgentState,
  executor: Executor,
  command: CommandInfo | undefined,
): Environment {
  return { ...mesosVariables(state, executor, executor.directory), ...ownVariables(command), PWD: executor.directory };
}

/** The same for a task of an executor inside the agent. */
export function taskEnvironment(
  state: AgentState,
  executor: Executor,
  role: string | undefined,
  directory: string,
  command: CommandInfo | undefined,
): Environment {
  const environment = mesosVariables(state, executor, directory);
  if (role !== undefined) environment["MESOS_ALLOCATION_ROLE"] = role;
  if (executor.kind === "default") environment["MESOS_CONTAINER_IP"] = state.config.ip;
  return { ...environment, ...ownVariables(command), PWD: directory };
}

/** Of a container that an operator starts: nothing but where it is. */
export function plainEnvironment(
  config: AgentConfig,
  directory: string,
  command: CommandInfo | undefined,
): Environment {
  return { PATH: config.path, MESOS_SANDBOX: directory, ...ownVariables(command), PWD: directory };
}

/** The variables that a command sets; secrets have no resolver here and are left out. */
export function ownVariables(command: CommandInfo | undefined): Environment {
  const environment: Environment = {};
  for (const { name, value } of command?.environment?.variables ?? [])
    if (value !== undefined) environment[name] = value;
  return environment;
}

function mesosVariables(state: AgentState, executor: Executor, directory: string): Environment {
  const { config } = state;
  const checkpoint = executor.framework.info.checkpoint === true;
  const environment: Environment = {
    LIBPROCESS_IP: config.ip,
    LIBPROCESS_PORT: "0",
    MESOS_AGENT_ENDPOINT: hostAndPort(config.ip, config.port),
    MESOS_CHECKPOINT: checkpoint ? "1" : "0",
    MESOS_DIRECTORY: directory,
    MESOS_EXECUTOR_ID: executor.id,
    MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD: formatDurationMs(shutdownGraceMs(config, executor)),
    MESOS_FRAMEWORK_ID: executor.framework.id,
    MESOS_HTTP_COMMAND_EXECUTOR: "0",
    MESOS_SANDBOX: directory,
    MESOS_SLAVE_ID: state.agentId!,
    MESOS_SLAVE_PID: `slave(1)@${hostAndPort(config.ip, config.port)}`,
    PATH: config.path,
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
