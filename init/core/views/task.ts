import type { IpAddress, LocalVolume, Task } from "@meseta/api/marathon/task.ts";
import type { TaskState, TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import { formatTaskId } from "../definition/instance-id.ts";
import { servicePortsOf } from "../definition/service-ports.ts";
import { formatTimestamp } from "../definition/version.ts";
import type { InstanceHealth } from "../health/instance-health.ts";
import { checkResultOf, healthResultsOf } from "../health/results.ts";
import type { Condition } from "../instance/condition.ts";
import type { Instance } from "../instance/instance.ts";
import type { Seen } from "./seen.ts";

/** An app's instance as clients see it, but for its service ports, which are the present definition's. What it has only on an agent is undefined before. */
export function taskOnWire(instance: Instance, health: InstanceHealth | undefined): Shown<Omit<Task, "servicePorts">> {
  const { taskId, status } = taskOf(instance);
  const { host, hostPorts, stagedAtMs, startedAtMs } = instance;
  const addresses = addressesOf(status);
  const healthCheckResults = healthResultsOf(health, instance);
  const checkResult = checkResultOf(instance);
  // Ten thousand are made for one answer: fields in place, undefined where there is nothing to say, are several times faster than fields that are added.
  return {
    id: taskId,
    appId: instance.spec,
    host: host?.hostname,
    ports: host && (hostPorts?.filter((port) => port !== null) ?? []),
    slaveId: host?.agent_id.value,
    state: stateOf(instance.condition),
    stagedAt: stagedAtMs === undefined ? undefined : formatTimestamp(stagedAtMs),
    startedAt: startedAtMs === undefined ? undefined : formatTimestamp(startedAtMs),
    version: host && instance.version,
    region: host?.region,
    zone: host?.zone,
    role: instance.role,
    ipAddresses: addresses.length > 0 ? addresses : undefined,
    healthCheckResults,
    checkResult,
    localVolumes: instance.kept && localVolumesOf(instance),
  };
}

/** JSON leaves out what is undefined. */
type Shown<T> = { readonly [Field in keyof T]: T[Field] | undefined };

/** The same with all of it, as it is now. */
export function taskNow(instance: Instance, { tree, health }: Pick<Seen, "tree" | "health">): Shown<Task> {
  const app = tree.apps.get(instance.spec);
  return { ...taskOnWire(instance, health.get(instance.id)), ...(app && { servicePorts: servicePortsOf(app) }) };
}

/** The task of an app's instance: the one it has, or is to have with its next launch. */
export function taskOf(instance: Instance): { taskId: string; status?: TaskStatus | undefined } {
  const [first] = Object.entries(instance.tasks);
  if (first === undefined) return { taskId: formatTaskId(instance.id, instance.incarnation) };
  return { taskId: first[0], status: first[1].status };
}

/** What waits for a launch is shown as staged. */
export function stateOf(condition: Condition): TaskState {
  return STATE_OF[condition];
}

const STATE_OF: Readonly<Record<Condition, TaskState>> = {
  Scheduled: "TASK_STAGING",
  Provisioned: "TASK_STAGING",
  Staging: "TASK_STAGING",
  Starting: "TASK_STARTING",
  Running: "TASK_RUNNING",
  Killing: "TASK_KILLING",
  Finished: "TASK_FINISHED",
  Failed: "TASK_FAILED",
  Killed: "TASK_KILLED",
  Error: "TASK_ERROR",
  Unreachable: "TASK_UNREACHABLE",
  UnreachableInactive: "TASK_UNREACHABLE",
  Gone: "TASK_GONE",
  Dropped: "TASK_DROPPED",
  Unknown: "TASK_UNKNOWN",
};

/** Where the task is to be reached, as the agent said. */
export function addressesOf(status: TaskStatus | undefined): IpAddress[] {
  const found = (status?.container_status?.network_infos ?? []).flatMap(({ ip_addresses }) => ip_addresses ?? []);
  return found.flatMap(({ ip_address: ipAddress, protocol = "IPv4" }) =>
    ipAddress === undefined ? [] : [{ ipAddress, protocol }],
  );
}

/** The volumes that are kept for it: `<safe path>#<container path>#<uuid>`. */
export function localVolumesOf({ spec, kept }: Instance): LocalVolume[] {
  return (kept?.volumeIds ?? []).map((persistenceId) => {
    const [, containerPath = "", uuid = ""] = persistenceId.split("#");
    return { runSpecId: spec, containerPath, uuid, persistenceId };
  });
}
