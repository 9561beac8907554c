// Executors, containers and operations: what goes on beneath the tasks.
import type {
  ResponseGetResourceProvidersResourceProvider as Provider,
  ResponseGetContainersContainer,
} from "@meseta/api/mesos/generated/agent.ts";
import type { ResponseGetExecutorsExecutor } from "@meseta/api/mesos/generated/master.ts";
import type { ContainerID, Operation } from "@meseta/api/mesos/generated/mesos.ts";
import { bytes, decimal } from "../amounts.ts";
import type { Listing } from "../listing.ts";
import { lastPart } from "../name.ts";
import { listResources } from "../quantity.ts";
import { shown, showOperation } from "../state.ts";
import type { Neighbours } from "./tasks.ts";

export function executorListing(
  executors: readonly ResponseGetExecutorsExecutor[],
  near: Neighbours,
): Listing<ResponseGetExecutorsExecutor> {
  return {
    items: executors,
    name: ({ executor_info: info }) => info.executor_id.value,
    none: "No executors but those that are a part of the agents.",
    columns: [
      { title: "EXECUTOR", text: ({ executor_info: info }) => info.executor_id.value },
      { title: "TYPE", text: ({ executor_info: info }) => (info.type ?? "CUSTOM").toLowerCase() },
      { title: "NODE", text: (executor) => near.node(executor.agent_id.value) },
      { title: "FRAMEWORK", text: ({ executor_info: info }) => near.framework(info.framework_id?.value ?? "") },
      { title: "RESOURCES", text: ({ executor_info: info }) => listResources(info.resources) },
      { title: "NAME", text: ({ executor_info: info }) => info.name ?? "", wide: true },
      { title: "COMMAND", text: ({ executor_info: info }) => info.command?.value ?? "", wide: true },
    ],
  };
}

export function containerListing(
  containers: readonly ResponseGetContainersContainer[],
): Listing<ResponseGetContainersContainer> {
  const seconds = ({ resource_statistics: use }: ResponseGetContainersContainer): number =>
    (use?.cpus_user_time_secs ?? 0) + (use?.cpus_system_time_secs ?? 0);
  const memory = ({ resource_statistics: use }: ResponseGetContainersContainer): number =>
    use?.mem_rss_bytes ?? use?.mem_total_bytes ?? 0;
  return {
    items: containers,
    name: ({ container_id: id }) => containerPath(id),
    none: "No containers run there.",
    columns: [
      { title: "CONTAINER", text: ({ container_id: id }) => containerPath(id) },
      { title: "EXECUTOR", text: (each) => each.executor_id?.value ?? "" },
      { title: "FRAMEWORK", text: (each) => lastPart(each.framework_id?.value ?? "") },
      { title: "PID", right: true, text: (each) => `${each.container_status?.executor_pid ?? "-"}` },
      { title: "CPU", right: true, text: (each) => `${decimal(Math.round(seconds(each) * 10) / 10)}s`, key: seconds },
      { title: "MEM", right: true, text: (each) => bytes(memory(each)), key: memory },
      {
        title: "LIMIT",
        right: true,
        wide: true,
        text: (each) =>
          each.resource_statistics?.mem_limit_bytes ? bytes(each.resource_statistics.mem_limit_bytes) : "-",
      },
      { title: "PROCESSES", right: true, wide: true, text: (each) => `${each.resource_statistics?.processes ?? "-"}` },
    ],
  };
}

/** Parents before children, with dots, as Mesos writes nested containers. */
export function containerPath(id: ContainerID): string {
  return id.parent ? `${containerPath(id.parent)}.${id.value}` : id.value;
}

export function providerListing(providers: readonly Provider[]): Listing<Provider> {
  const name = ({ resource_provider_info: info }: Provider): string => info.id?.value ?? info.name;
  return {
    items: providers,
    name,
    none: "No resource providers are there.",
    columns: [
      { title: "PROVIDER", text: name },
      { title: "TYPE", text: ({ resource_provider_info: info }) => info.type },
      { title: "NAME", text: ({ resource_provider_info: info }) => info.name },
      { title: "RESOURCES", text: (provider) => listResources(provider.total_resources) },
    ],
  };
}

/** The id of "parent.child". */
export function parseContainerPath(path: string): ContainerID {
  const at = path.lastIndexOf(".");
  return at < 0 ? { value: path } : { value: path.slice(at + 1), parent: parseContainerPath(path.slice(0, at)) };
}

export function operationListing(operations: readonly Operation[], near: Neighbours): Listing<Operation> {
  const look = (operation: Operation) => showOperation(operation.latest_status.state);
  const name = (operation: Operation): string => operation.info.id?.value ?? operation.uuid.value;
  return {
    items: operations,
    name,
    none: "No operations are known.",
    columns: [
      { title: "OPERATION", text: name },
      { title: "TYPE", text: (operation) => (operation.info.type ?? "").toLowerCase().replaceAll("_", " ") },
      { title: "STATE", text: (operation) => shown(look(operation)), tone: (operation) => look(operation).tone },
      { title: "NODE", text: (operation) => (operation.agent_id ? near.node(operation.agent_id.value) : "") },
      {
        title: "FRAMEWORK",
        text: (each) => (each.framework_id ? near.framework(each.framework_id.value) : "operator"),
      },
      { title: "MESSAGE", text: (operation) => operation.latest_status.message ?? "" },
    ],
  };
}
