import type { Pod, PodContainer } from "@meseta/api/marathon/pod.ts";
import type {
  ContainerStatus,
  PodInstanceState,
  PodInstanceStatus,
  StatusCondition,
} from "@meseta/api/marathon/pod-status.ts";
import { formatTaskId } from "../definition/instance-id.ts";
import { formatTimestamp } from "../definition/version.ts";
import { isQueued, isTerminal, isUnreachable } from "../instance/condition.ts";
import type { Instance, TaskRecord } from "../instance/instance.ts";
import { exitOf } from "../instance/termination.ts";
import { addressesOf, localVolumesOf, stateOf } from "./task.ts";

/** One instance of a pod as its status shows it. `pod`: the definition it was, or is to be, launched with. */
export function instanceOnWire(instance: Instance, pod: Pod): PodInstanceStatus {
  const { id, host, role, version, condition, goal } = instance;
  const since = formatTimestamp(instance.sinceMs);
  const changed = formatTimestamp(lastChangeMs(instance));
  const message = messageOf(instance);
  return {
    id,
    status: stateOfInstance(instance, pod),
    statusSince: since,
    ...(message !== undefined && { message }),
    conditions: [],
    ...(host && { agentHostname: host.hostname, agentId: host.agent_id.value }),
    ...(host?.region !== undefined && { agentRegion: host.region }),
    ...(host?.zone !== undefined && { agentZone: host.zone }),
    resources: totalOf(pod),
    networks: networksOf(instance),
    containers: isQueued(condition) && goal === "Running" && host === undefined ? [] : containersOf(instance, pod),
    specReference: `/v2/pods${pod.id}::versions/${version}`,
    localVolumes: localVolumesOf(instance),
    role,
    lastUpdated: changed,
    lastChanged: changed,
  };
}

/** When the instance last changed, in ms since 1970: its condition, or a word of one of its tasks. */
export function lastChangeMs({ sinceMs, tasks }: Instance): number {
  const words = Object.values(tasks).map(({ status }) => Math.round((status?.timestamp ?? 0) * 1000));
  return Math.max(sinceMs, ...words);
}

function stateOfInstance({ condition, tasks }: Instance, pod: Pod): PodInstanceState {
  if (isQueued(condition)) return "PENDING";
  if (condition === "Staging" || condition === "Starting") return "STAGING";
  if (isUnreachable(condition)) return "DEGRADED";
  if (isTerminal(condition) || condition === "Killing") return "TERMINAL";
  const records = Object.entries(tasks);
  const isWell = pod.containers.every(
    ({ name, healthCheck }) => healthCheck === undefined || recordOf(records, name)?.[1].status?.healthy === true,
  );
  return isWell ? "STABLE" : "DEGRADED";
}

function containersOf(instance: Instance, pod: Pod): ContainerStatus[] {
  const records = Object.entries(instance.tasks);
  let port = 0;
  return pod.containers.map((container) => {
    const hostPorts = container.endpoints.map(() => instance.hostPorts?.[port++]);
    return containerOnWire(container, recordOf(records, container.name), hostPorts, instance);
  });
}

type Entry = readonly [taskId: string, record: TaskRecord];

// A task's id says which container it is: `<instance>.<container>.<n>`.
function recordOf(records: readonly Entry[], name: string): Entry | undefined {
  return records.find(([id]) => id.split(".").at(-2) === name);
}

function containerOnWire(
  { name, endpoints, resources, healthCheck }: PodContainer,
  entry: Entry | undefined,
  hostPorts: readonly (number | null | undefined)[],
  instance: Instance,
): ContainerStatus {
  const [id = formatTaskId(instance.id, instance.incarnation, name), record] = entry ?? [];
  const status = record?.status;
  const since = formatTimestamp(
    status?.timestamp === undefined ? instance.sinceMs : Math.round(status.timestamp * 1000),
  );
  const { cpus, mem, disk, gpus } = resources;
  const healthy = healthCheck === undefined ? undefined : status?.healthy;
  return {
    name,
    status: stateOf(record?.condition ?? instance.condition),
    statusSince: since,
    conditions: healthCheck === undefined ? [] : [healthCondition(healthy, since)],
    containerId: id,
    endpoints: endpoints.map((endpoint, i) => ({
      name: endpoint.name,
      ...(typeof hostPorts[i] === "number" && { allocatedHostPort: hostPorts[i] }),
      ...(isCheckedBy(endpoint.name, healthCheck) && healthy !== undefined && { healthy }),
    })),
    resources: { cpus, mem, disk, gpus },
    ...(record && isTerminal(record.condition) && { termination: exitOf(status) }),
    lastUpdated: since,
    lastChanged: since,
  };
}

function isCheckedBy(endpoint: string, check: PodContainer["healthCheck"]): boolean {
  return (check?.http?.endpoint ?? check?.tcp?.endpoint) === endpoint;
}

function healthCondition(healthy: boolean | undefined, since: string): StatusCondition {
  const value = healthy === undefined ? "unknown" : String(healthy);
  return { name: "healthy", value, reason: "health-reported-by-mesos", lastUpdated: since, lastChanged: since };
}

// Why it is not well, in the words of the first task that has some.
function messageOf({ condition, tasks }: Instance): string | undefined {
  if (condition === "Running") return undefined;
  return Object.values(tasks).find(({ status }) => status?.message)?.status?.message;
}

function networksOf({ tasks }: Instance): PodInstanceStatus["networks"] {
  const found = new Map<string | undefined, Set<string>>();
  for (const { status } of Object.values(tasks)) {
    for (const info of status?.container_status?.network_infos ?? []) {
      const addresses = found.get(info.name) ?? new Set();
      found.set(info.name, addresses);
      for (const { ipAddress } of addressesOf({ ...status!, container_status: { network_infos: [info] } }))
        addresses.add(ipAddress);
    }
  }
  return [...found].map(([name, addresses]) => ({ ...(name !== undefined && { name }), addresses: [...addresses] }));
}

function totalOf({ containers, executorResources }: Pod): PodInstanceStatus["resources"] {
  const sum = (name: "cpus" | "mem" | "disk" | "gpus", first: number) =>
    Math.round(containers.reduce((all, { resources }) => all + resources[name], first) * 1000) / 1000;
  const { cpus, mem, disk } = executorResources;
  return { cpus: sum("cpus", cpus), mem: sum("mem", mem), disk: sum("disk", disk), gpus: sum("gpus", 0) };
}
