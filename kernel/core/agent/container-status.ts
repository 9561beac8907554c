import type { ContainerStatus, NetworkInfo, TaskState } from "@meseta/api/mesos/generated/mesos.ts";
import type { AgentConfig, AgentTask, Executor } from "./state.ts";

/**
 * The container as a status of the task shows it: with address and pid; of a task in a group those only while it runs, for
 * its container comes after TASK_STARTING and is gone at the end. Recorded from Mesos.
 */
export function containerStatus(config: AgentConfig, task: AgentTask, state: TaskState): ContainerStatus {
  const { executor, run } = task;
  if (executor.kind !== "default") return executorStatus(config, executor, run?.pid ?? executor.pid);
  const container_id = { value: run!.containerId, parent: { value: executor.containerId } };
  if (state !== "TASK_RUNNING" && state !== "TASK_KILLING") return { container_id };
  return withPid({ container_id, network_infos: networkInfos(config) }, run!.pid);
}

export function executorStatus(config: AgentConfig, executor: Executor, pid: number | undefined): ContainerStatus {
  return withPid({ container_id: { value: executor.containerId }, network_infos: networkInfos(config) }, pid);
}

/** Plain processes have the agent's own address. */
export function networkInfos(config: AgentConfig): NetworkInfo[] {
  const protocol = config.ip.includes(":") ? "IPv6" : "IPv4";
  return [{ ip_addresses: [{ protocol, ip_address: config.ip }] }];
}

function withPid(status: ContainerStatus, pid: number | undefined): ContainerStatus {
  return pid === undefined ? status : { ...status, executor_pid: pid };
}
