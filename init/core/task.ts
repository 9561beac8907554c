import type { App } from "@meseta/api/marathon/app.ts";
import type { RunSpec } from "@meseta/api/marathon/group.ts";
import type { Pod, PodContainer } from "@meseta/api/marathon/pod.ts";
import type { ResourceLimits } from "@meseta/api/marathon/strategy.ts";
import type * as mesos from "@meseta/api/mesos/generated/mesos.ts";
import type { Random } from "@meseta/lib/core/random.ts";
import { formatExecutorId, formatTaskId, parseInstanceId } from "./definition/instance-id.ts";
import { taskNameOf } from "./definition/path.ts";
import { isPod } from "./definition/spec.ts";
import type { Place } from "./place.ts";
import { checkOfApp, checkOfContainer, healthCheckOfApp, healthCheckOfContainer, probesOfApp } from "./task/checks.ts";
import { commandOfApp, commandOfContainer, commandOfExecutor } from "./task/command.ts";
import { containerOfApp, containerOfExecutor, containerOfPodContainer } from "./task/container.ts";
import { environmentOfApp, environmentOfContainer, type Surroundings } from "./task/environment.ts";
import { discoveryOf, labelsOf } from "./task/network.ts";
import { isOnHost, portsOfApp, portsOfPod, type ResolvedPort } from "./task/ports.ts";

/** What a launch needs besides definition and place. */
export interface LaunchContext {
  readonly offer: Pick<mesos.Offer, "agent_id" | "hostname">;
  readonly frameworkId: string;
  readonly instanceId: string;
  readonly incarnation: number;
  /** Before HOST and the names of ports in the environment of apps. */
  readonly environmentPrefix: string;
  /** The network that stands behind container/bridge. */
  readonly bridgeName: string;
  /** Whether the spec's top-level group enforces its role. */
  readonly enforcesRole: boolean;
}

export interface Launch {
  /** LAUNCH of a task, or LAUNCH_GROUP of a pod. */
  readonly operation: mesos.OfferOperation;
  readonly taskIds: readonly string[];
}

/** The launch of one instance at its place. The same random numbers give the same launch. */
export function launchOf(spec: RunSpec, place: Place, context: LaunchContext, random: Random): Launch {
  if (isPod(spec)) {
    const group = groupOf(spec, place, context, random);
    const taskIds = (group.task_group.tasks ?? []).map(({ task_id }) => task_id.value);
    return { operation: { type: "LAUNCH_GROUP", launch_group: group }, taskIds };
  }
  const task = taskOf(spec, place, context, random);
  return { operation: { type: "LAUNCH", launch: { task_infos: [task] } }, taskIds: [task.task_id.value] };
}

/** An app's instance as a task. Source: Marathon's documentation of ports, networking, task environment variables. */
export function taskOf(app: App, place: Place, context: LaunchContext, random: Random): mesos.TaskInfo {
  const taskId = formatTaskId(context.instanceId, context.incarnation);
  const ports = portsOfApp(app, place.hostPorts, random);
  const name = taskNameOf(app.id);
  const health_check = healthCheckOfApp(app.healthChecks, ports);
  const probes = probesOfApp(app, ports);
  return {
    name,
    task_id: { value: taskId },
    agent_id: context.offer.agent_id,
    resources: [...(place.parts[0] ?? [])],
    ...whatRuns(app, place, context, ports, taskId),
    ...(health_check === undefined ? {} : { health_check }),
    ...(app.check === undefined ? {} : { check: checkOfApp(app.check, ports) }),
    ...(probes.length === 0 ? {} : { probes }),
    ...killPolicy(app.taskKillGracePeriodSeconds),
    ...labelsOf(app.labels),
    discovery: discoveryOf(name, app.networks, ports, context.bridgeName),
    ...limitsOf(app.resourceLimits),
  };
}

/** A pod's instance: its executor, and a task for each of its containers. */
export function groupOf(
  pod: Pod,
  place: Place,
  context: LaunchContext,
  random: Random,
): mesos.OfferOperationLaunchGroup {
  const ports = portsOfPod(pod, place.hostPorts, random);
  const executorId = executorIdOf(pod, context);
  const executor: mesos.ExecutorInfo = {
    type: "DEFAULT",
    executor_id: { value: executorId },
    framework_id: { value: context.frameworkId },
    resources: [...(place.parts[0] ?? [])],
    container: containerOfExecutor(pod, ports.flat(), context.bridgeName),
    ...labelsOf(pod.labels),
  };
  const tasks = pod.containers.map((container, i) =>
    memberOf(pod, container, i, { place, context, ports, executorId }),
  );
  return { executor, task_group: { tasks } };
}

interface GroupContext {
  readonly place: Place;
  readonly context: LaunchContext;
  readonly ports: readonly (readonly ResolvedPort[])[];
  readonly executorId: string;
}

function memberOf(pod: Pod, container: PodContainer, index: number, group: GroupContext): mesos.TaskInfo {
  const { place, context, ports, executorId } = group;
  const taskId = formatTaskId(context.instanceId, context.incarnation, container.name);
  const around = surroundingsOf(context, taskId, executorId);
  const environment = environmentOfContainer(pod, container, ports, isOnHost(pod.networks), around);
  const own = ports[index]!;
  return {
    name: container.name,
    task_id: { value: taskId },
    agent_id: context.offer.agent_id,
    resources: [...(place.parts[index + 1] ?? [])],
    command: commandOfContainer(pod, container, environment),
    container: containerOfPodContainer(pod, container),
    ...(container.healthCheck === undefined
      ? {}
      : { health_check: healthCheckOfContainer(container.healthCheck, own) }),
    ...(container.check === undefined ? {} : { check: checkOfContainer(container.check, own) }),
    ...killPolicy(container.lifecycle?.killGracePeriodSeconds),
    ...labelsOf(container.labels),
    discovery: discoveryOf(taskNameOf(pod.id), pod.networks, own, context.bridgeName),
    ...limitsOf(container.resourceLimits),
  };
}

/** The command and container, or the executor of the user's own with them. */
function whatRuns(
  app: App,
  place: Place,
  context: LaunchContext,
  ports: readonly ResolvedPort[],
  taskId: string,
): Partial<mesos.TaskInfo> {
  const environment = environmentOfApp(app, ports, surroundingsOf(context, taskId));
  const container = containerOfApp(app, ports, taskId, context.bridgeName);
  const inside = container === undefined ? {} : { container };
  if (app.executor === "" || app.executor === "//cmd") return { command: commandOfApp(app, environment), ...inside };
  const executor: mesos.ExecutorInfo = {
    type: "CUSTOM",
    executor_id: { value: `marathon-${taskId}` },
    framework_id: { value: context.frameworkId },
    command: commandOfExecutor(app, environment),
    resources: [...(place.parts[1] ?? [])],
    ...inside,
  };
  return { executor };
}

function surroundingsOf(context: LaunchContext, taskId: string, executorId?: string): Surroundings {
  const { offer, environmentPrefix: prefix, enforcesRole } = context;
  return { hostname: offer.hostname, taskId, executorId, prefix, enforcesRole };
}

function executorIdOf(pod: Pod, { instanceId }: LaunchContext): string {
  return formatExecutorId(pod.id, parseInstanceId(instanceId)?.uuid ?? instanceId);
}

function killPolicy(graceSeconds: number | undefined): { kill_policy?: mesos.KillPolicy } {
  return graceSeconds === undefined ? {} : { kill_policy: { grace_period: { nanoseconds: graceSeconds * 1e9 } } };
}

// Without a bound is infinity on the wire.
function limitsOf(limits: ResourceLimits | undefined): { limits?: Record<string, mesos.ValueScalar> } {
  const entries = Object.entries(limits ?? {}).filter(([, limit]) => limit !== undefined);
  if (entries.length === 0) return {};
  const scalar = (limit: number | "unlimited") => ({ value: limit === "unlimited" ? Number.POSITIVE_INFINITY : limit });
  return { limits: Object.fromEntries(entries.map(([name, limit]) => [name, scalar(limit)])) };
}
