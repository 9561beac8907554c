import type {
  ContainerInfo,
  ExecutorInfo,
  Offer,
  OfferOperation,
  Resource,
  TaskInfo,
} from "@meseta/api/mesos/generated/mesos.ts";

/** A task to launch: its command sleeps so many seconds and ends with a code. */
export interface TaskSpec {
  id: string;
  cpus: number;
  memMiB: number;
  seconds: number;
  exitCode: number;
  /** It does not end by SIGTERM. */
  ignoresTerm?: boolean;
  /** Of its kill policy. */
  graceSeconds?: number;
  /** max_completion_time. */
  mostSeconds?: number;
  /** Further resources, such as volumes. */
  holds?: readonly Resource[];
}

export function launch(tasks: readonly TaskSpec[], offer: Offer, executor?: ExecutorInfo): OfferOperation {
  const task_infos = tasks.map((task) => taskInfo(task, offer, executor));
  return { type: "LAUNCH", launch: { task_infos } };
}

/** Tasks that start together, and of which one that fails takes the others with it. */
export function launchGroup(tasks: readonly TaskSpec[], offer: Offer, executorId: string): OfferOperation {
  const resources = [scalar("cpus", 0.1), scalar("mem", 32), scalar("disk", 16)];
  const executor: ExecutorInfo = { executor_id: { value: executorId }, type: "DEFAULT", resources };
  const task_group = { tasks: tasks.map((task) => taskInfo(task, offer)) };
  return { type: "LAUNCH_GROUP", launch_group: { executor, task_group } };
}

/** An executor of the framework's own, which runs tasks inside its process. */
export function ownExecutor(executorId: string, isSilent = false): ExecutorInfo {
  return {
    executor_id: { value: executorId },
    type: "CUSTOM",
    command: { value: isSilent ? "executor, silent" : "executor" },
    resources: [scalar("cpus", 0.1), scalar("mem", 32)],
  };
}

export const scalar = (name: string, value: number): Resource => ({ name, type: "SCALAR", scalar: { value } });

/** How much of the named scalar the resources have. */
export function amount(resources: readonly Resource[] | undefined, name: string): number {
  return (resources ?? []).reduce(
    (sum, resource) => sum + (resource.name === name ? (resource.scalar?.value ?? 0) : 0),
    0,
  );
}

function taskInfo(task: TaskSpec, offer: Offer, executor?: ExecutorInfo): TaskInfo {
  const { id, cpus, memMiB, holds = [], graceSeconds, mostSeconds } = task;
  return {
    name: id,
    task_id: { value: id },
    agent_id: offer.agent_id,
    resources: [scalar("cpus", cpus), scalar("mem", memMiB), ...holds],
    ...(executor !== undefined && { executor }),
    ...(executor === undefined && { command: { value: commandOf(task) } }),
    ...(executor === undefined && hasImage(id) && { container: IMAGE }),
    // The process of an executor of somebody's own reads its orders here.
    ...(executor !== undefined && { labels: { labels: [{ key: "script", value: commandOf(task) }] } }),
    ...(graceSeconds !== undefined && { kill_policy: { grace_period: { nanoseconds: graceSeconds * 1e9 } } }),
    ...(mostSeconds !== undefined && { max_completion_time: { nanoseconds: mostSeconds * 1e9 } }),
  };
}

/** What is pulled before the task can start. */
const IMAGE: ContainerInfo = { type: "MESOS", mesos: { image: { type: "DOCKER", docker: { name: "debian:12" } } } };

// Every third: so it is known by the name, and a story stays the same story.
function hasImage(id: string): boolean {
  return Number(/\d+$/.exec(id)?.[0] ?? 1) % 3 === 0;
}

function commandOf({ id, seconds, exitCode, ignoresTerm }: TaskSpec): string {
  return `task ${id}; sleep ${seconds}; exit ${exitCode}${ignoresTerm ? "; ignore TERM" : ""}`;
}
