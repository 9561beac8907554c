import type { FrameworkInfo, Resource, Task } from "@meseta/api/mesos/generated/mesos.ts";
import { flattenAttributes, flattenResources } from "@meseta/api/mesos/resources/flatten.ts";
import { inBothForms } from "@meseta/api/mesos/resources/formats.ts";
import { reservedByRole, unreserved } from "@meseta/api/mesos/resources/select.ts";
import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import { hostAndPort } from "@meseta/lib/core/address.ts";
import { viewLabels, viewOldTask } from "../../master/views/tasks.ts";
import type { SavedCompletedExecutor } from "../saved.ts";
import {
  AGENT_CAPABILITIES,
  type AgentState,
  type CompletedFramework,
  type Executor,
  type Framework,
} from "../state.ts";
import { hasCapability } from "../status.ts";
import { toTask } from "./task.ts";
import { completedTasksOf, isQueued } from "./tasks.ts";
import { shownResources, usedResources } from "./used.ts";

/** /state of the agent: what tools older than the v1 API read. `version` stands in front of it. */
export function oldState(state: AgentState): object {
  const { config, total } = state;
  const used = usedResources(state);
  return {
    start_time: state.startMs / 1000,
    id: state.agentId ?? "",
    pid: `slave(1)@${hostAndPort(config.ip, config.port)}`,
    hostname: config.hostname,
    capabilities: AGENT_CAPABILITIES.map(({ type }) => type),
    ...(config.domain === undefined ? {} : { domain: config.domain }),
    resources: flattenResources(total),
    reserved_resources: byRole(total, flattenResources),
    unreserved_resources: flattenResources(unreserved(total)),
    reserved_resources_full: byRole(total, (resources) => resources.map(inBothForms)),
    unreserved_resources_full: unreserved(total).map(inBothForms),
    reserved_resources_allocated: byRole(used, flattenResources),
    unreserved_resources_allocated: flattenResources(unreserved(used)),
    resource_providers: [],
    attributes: flattenAttributes(state.attributes),
    ...(state.masterHostname === undefined ? {} : { master_hostname: state.masterHostname }),
    ...(config.logFile === undefined ? {} : { external_log_file: config.logFile }),
    flags: config.flags,
    frameworks: [...state.frameworks.values()].map((framework) => oldFramework(state, framework)),
    completed_frameworks: [...state.completedFrameworks.values()].map(oldCompletedFramework),
    ...oldDrain(state),
  };
}

function byRole<T>(resources: readonly Resource[], view: (resources: Resource[]) => T): Record<string, T> {
  return Object.fromEntries([...reservedByRole(resources)].map(([role, held]) => [role, view(held)]));
}

function oldDrain({ drain }: AgentState): object {
  return drain === undefined
    ? {}
    : { drain_config: drain.config, estimated_drain_start_time_seconds: Math.floor(drain.startMs / 1000) };
}

function oldFramework(state: AgentState, { id, info, executors, completed }: Framework): object {
  const terminated = [...executors.values()].filter((executor) => executor.state === "terminated");
  const running = [...executors.values()].filter((executor) => executor.state !== "terminated");
  return {
    ...oldInfo(id, info),
    executors: [...running, ...terminated].map((executor) => oldExecutor(state, executor)),
    completed_executors: completed.map(oldCompletedExecutor),
  };
}

function oldCompletedFramework({ info, executors }: CompletedFramework): object {
  return { ...oldInfo(info.id!.value, info), executors: [], completed_executors: executors.map(oldCompletedExecutor) };
}

function oldInfo(id: string, info: FrameworkInfo): object {
  return {
    id,
    name: info.name,
    user: info.user,
    failover_timeout: info.failover_timeout ?? 0,
    checkpoint: info.checkpoint ?? false,
    hostname: info.hostname ?? "",
    ...(info.principal === undefined ? {} : { principal: info.principal }),
    ...(hasCapability(info, "MULTI_ROLE") ? { roles: info.roles ?? [] } : { role: info.role ?? "*" }),
  };
}

function oldExecutor(state: AgentState, executor: Executor): object {
  const tasks = [...executor.tasks.values()];
  const shown = (wanted: (task: (typeof tasks)[number]) => boolean) =>
    tasks.filter(wanted).map((task) => viewOldTask(toTask(state, task)));
  return {
    ...executorHead(executor, shownResources(executor)),
    tasks: shown((task) => !isQueued(task) && !isTerminal(task.state)),
    queued_tasks: tasks.filter(isQueued).map(({ info }) => queuedTask(executor, info)),
    completed_tasks: [
      ...completedTasksOf(state, executor).map((task) => viewOldTask(task)),
      ...shown((task) => isTerminal(task.state)),
    ],
  };
}

function queuedTask(
  executor: Executor,
  info: { name: string; task_id: { value: string }; agent_id: { value: string }; resources?: Resource[] | undefined },
): object {
  return {
    id: info.task_id.value,
    name: info.name,
    slave_id: info.agent_id.value,
    executor_id: executor.kind === "command" ? "" : executor.id,
    resources: flattenResources(info.resources ?? []),
  };
}

function oldCompletedExecutor(executor: SavedCompletedExecutor): object {
  return {
    ...executorHead(executor, executor.info.resources ?? []),
    tasks: [],
    queued_tasks: [],
    completed_tasks: executor.tasks.map((task: Task) => viewOldTask(task)),
  };
}

type Head = Pick<SavedCompletedExecutor, "info" | "kind" | "containerId" | "directory">;

function executorHead({ info, containerId, directory }: Head, resources: readonly Resource[]): object {
  const role = resources[0]?.allocation_info?.role;
  return {
    id: info.executor_id.value,
    name: info.name ?? "",
    source: info.source ?? "",
    container: containerId,
    directory,
    resources: flattenResources(resources),
    ...(role === undefined ? {} : { role }),
    ...(info.labels === undefined ? {} : { labels: viewLabels(info.labels) }),
    ...(info.type === undefined ? {} : { type: info.type }),
  };
}
