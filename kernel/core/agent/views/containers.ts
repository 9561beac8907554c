import type { ResponseGetContainersContainer } from "@meseta/api/mesos/generated/agent.ts";
import type { NetworkInfo, Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { scalarQuantities } from "@meseta/api/mesos/resources/quantities.ts";
import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import type { Run } from "../../executor/host.ts";
import { networkInfos } from "../container-status.ts";
import type { NetworkAddress } from "../isolation.ts";
import { executorResources } from "../limits.ts";
import type { AgentConfig, AgentState, Executor } from "../state.ts";

/** One container that runs: what is shown of it, and under which id the driver tells its statistics (undefined: it has no process). */
export interface ContainerRow {
  readonly shown: ResponseGetContainersContainer;
  readonly handle: string | undefined;
  /** Containers that together are this one, when the driver knows nothing of it itself. */
  readonly parts: readonly ContainerPart[];
  readonly source: string;
  /** What it was granted, as the statistics show it. */
  readonly granted: { cpus_soft_limit?: number; mem_limit_bytes?: number; mem_soft_limit_bytes?: number };
}

export interface ContainerPart {
  readonly handle: string;
  /** Parts with the same share a network; undefined: the agent's. */
  readonly network: string | undefined;
}

/** GET_CONTAINERS, /containers and /monitor/statistics, without the statistics. */
export function containerRows(state: AgentState, show: { nested: boolean; standalone: boolean }): ContainerRow[] {
  const rows = [...state.executors.values()].filter(isRunning).map((executor) => executorRow(state, executor));
  if (show.nested) for (const executor of state.executors.values()) rows.push(...taskRows(state.config, executor));
  for (const container of state.containers.values()) {
    const wanted = container.id.parent === undefined ? show.standalone : show.nested;
    if (!wanted || container.state !== "running") continue;
    const status = {
      container_id: container.id,
      ...networks(state.config, container.addresses, container.info?.network_infos),
      ...(container.pid === undefined ? {} : { executor_pid: container.pid }),
    };
    const shown = { container_id: { value: container.id.value }, container_status: status };
    rows.push({ shown, handle: container.handle, parts: [], source: "", granted: granted(container.resources) });
  }
  return rows;
}

function isRunning(executor: Executor): boolean {
  return executor.state !== "terminated";
}

function executorRow(state: AgentState, executor: Executor): ContainerRow {
  const { info, containerId, framework, kind } = executor;
  const run = kind === "command" ? state.runs.get(containerId)?.run : undefined;
  const pid = kind === "default" ? state.config.pid : (run?.pid ?? executor.pid);
  const container_id = { value: containerId };
  const overhead = kind === "command" ? (info.resources ?? []) : [];
  return {
    shown: {
      framework_id: { value: framework.id },
      executor_id: { value: executor.id },
      executor_name: info.name ?? "",
      container_id,
      container_status: {
        container_id,
        ...networks(state.config, run?.addresses ?? executor.addresses, networksAsked(executor)),
        ...(pid === undefined ? {} : { executor_pid: pid }),
      },
    },
    handle: containerId,
    parts: kind === "default" ? [...executor.tasks.values()].map((task) => partOf(task.run!)) : [],
    source: info.source ?? "",
    granted: granted([...overhead, ...executorResources(executor)]),
  };
}

function partOf({ containerId, addresses }: Run): ContainerPart {
  return { handle: containerId, network: addresses?.map(({ address }) => address).join() };
}

function taskRows(config: AgentConfig, executor: Executor): ContainerRow[] {
  if (executor.kind !== "default") return [];
  return [...executor.tasks.values()]
    .filter((task) => task.run?.phase === "running" && !isTerminal(task.state))
    .map(({ info, run, executor: { info: around } }) => ({
      shown: {
        container_id: { value: run!.containerId },
        container_status: {
          container_id: { value: run!.containerId, parent: { value: executor.containerId } },
          ...networks(config, run!.addresses, info.container?.network_infos ?? around.container?.network_infos),
          ...(run!.pid === undefined ? {} : { executor_pid: run!.pid }),
        },
      },
      handle: run!.containerId,
      parts: [],
      source: "",
      granted: granted(info.resources ?? []),
    }));
}

function networksAsked({ kind, info, tasks }: Executor): readonly NetworkInfo[] | undefined {
  const [task] = tasks.values();
  return (kind === "command" ? task?.info : info)?.container?.network_infos;
}

// The agent's own address is not shown here.
function networks(
  config: AgentConfig,
  addresses: readonly NetworkAddress[] | undefined,
  asked: readonly NetworkInfo[] | undefined,
) {
  return addresses === undefined ? {} : { network_infos: networkInfos(config, addresses, asked) };
}

function granted(resources: readonly Resource[]): ContainerRow["granted"] {
  const amounts = scalarQuantities(resources);
  const [cpus, mem] = [amounts.get("cpus"), amounts.get("mem")];
  const bytes = mem === undefined ? undefined : Math.round((mem / 1000) * 1024 * 1024);
  return {
    ...(cpus === undefined ? {} : { cpus_soft_limit: cpus / 1000 }),
    ...(bytes === undefined ? {} : { mem_limit_bytes: bytes, mem_soft_limit_bytes: bytes }),
  };
}
