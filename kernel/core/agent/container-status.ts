import type { ContainerStatus, NetworkInfo, TaskState } from "@meseta/api/mesos/generated/mesos.ts";
import type { NetworkAddress } from "./isolation.ts";
import type { AgentConfig, AgentTask, Executor } from "./state.ts";

/**
 * The container as a status of the task shows it: with address and pid; of a task in a group those only while it runs, for
 * its container comes after TASK_STARTING and is gone at the end. Recorded from Mesos.
 */
export function containerStatus(config: AgentConfig, task: AgentTask, state: TaskState): ContainerStatus {
  const { executor, run } = task;
  if (executor.kind !== "default") return executorStatus(config, executor, task);
  const container_id = { value: run!.containerId, parent: { value: executor.containerId } };
  if (state !== "TASK_RUNNING" && state !== "TASK_KILLING") return { container_id };
  const asked = task.info.container?.network_infos ?? executor.info.container?.network_infos;
  return withPid({ container_id, network_infos: networkInfos(config, run!.addresses, asked) }, run!.pid);
}

function executorStatus(config: AgentConfig, executor: Executor, { run, info }: AgentTask): ContainerStatus {
  const asked = (executor.kind === "command" ? info : executor.info).container?.network_infos;
  const network_infos = networkInfos(config, run?.addresses ?? executor.addresses, asked);
  return withPid({ container_id: { value: executor.containerId }, network_infos }, run?.pid ?? executor.pid);
}

/** The networks that a container joined, as it asked for them, with the addresses that it has there; or else the agent's own address. */
export function networkInfos(
  config: AgentConfig,
  addresses: readonly NetworkAddress[] | undefined,
  asked: readonly NetworkInfo[] = [],
): NetworkInfo[] {
  if (addresses === undefined) {
    const protocol = config.ip.includes(":") ? "IPv6" : "IPv4";
    return [{ ip_addresses: [{ protocol, ip_address: config.ip }] }];
  }
  return [...Map.groupBy(addresses, ({ network }) => network)].map(([name, has]) => ({
    ...(name === undefined ? {} : (asked.find((info) => info.name === name) ?? { name })),
    ip_addresses: has.map(({ protocol, address }) => ({ protocol, ip_address: address })),
  }));
}

function withPid(status: ContainerStatus, pid: number | undefined): ContainerStatus {
  return pid === undefined ? status : { ...status, executor_pid: pid };
}
