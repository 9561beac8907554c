import type { ContainerInfo, Resource, TaskInfo, ValueScalar } from "@meseta/api/mesos/generated/mesos.ts";
import { scalarQuantities } from "@meseta/api/mesos/resources/quantities.ts";
import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import { volumeFolder } from "./paths.ts";
import type { ContainerLimits, RLimit, VolumeLimit } from "./ports.ts";
import type { AgentConfig, Executor } from "./state.ts";

const MIB = 1024 * 1024;

/**
 * What a container may use: the resources granted, and the higher `limits` where the task asks for them. The sandbox's disk is told, and where
 * quotas are enforced it counts, and each persistent volume by itself but for those that are shared or whole disks.
 */
export function limitsOf(
  resources: readonly Resource[],
  limits?: Readonly<Record<string, ValueScalar>>,
  config?: Pick<AgentConfig, "workDir" | "containers">,
): ContainerLimits {
  const amounts = scalarQuantities(resources);
  const out: { -readonly [K in keyof ContainerLimits]: ContainerLimits[K] } = {};
  const [cpus, mem] = [amounts.get("cpus"), amounts.get("mem")];
  if (cpus !== undefined) out.cpus = cpus / 1000;
  if (mem !== undefined) out.memoryBytes = Math.round((mem / 1000) * MIB);
  const cpusLimit = bound(limits?.["cpus"]);
  const memLimit = bound(limits?.["mem"]);
  if (cpusLimit !== undefined) out.cpusLimit = cpusLimit;
  if (memLimit !== undefined) out.memoryLimitBytes = memLimit === "unlimited" ? memLimit : Math.round(memLimit * MIB);
  if (config === undefined) return out;
  const disk = scalarQuantities(resources.filter(isSandboxDisk)).get("disk");
  if (disk !== undefined) out.diskBytes = Math.round((disk / 1000) * MIB);
  if (!config.containers.diskQuota) return out;
  const volumes = resources.flatMap((resource) => volumeLimit(config.workDir, resource) ?? []);
  if (volumes.length > 0) out.volumes = volumes;
  return out;
}

function volumeLimit(workDir: string, resource: Resource): VolumeLimit | undefined {
  const { persistence, source } = resource.disk ?? {};
  if (persistence === undefined || source?.type === "MOUNT" || resource.shared !== undefined) return undefined;
  const bytes = Math.round((resource.scalar?.value ?? 0) * MIB);
  return { id: persistence.id, path: volumeFolder(workDir, resource), bytes };
}

function isSandboxDisk({ name, disk }: Resource): boolean {
  return name === "disk" && disk?.persistence === undefined && disk?.source === undefined;
}

/** All that an executor and its tasks may use together: the executor's resources and those of the tasks that have not ended. */
export function executorResources(executor: Executor): Resource[] {
  const own = executor.kind === "command" ? [] : (executor.info.resources ?? []);
  const tasks = [...executor.tasks.values()].filter((task) => !isTerminal(task.state) && !hasOwnGroup(task.info));
  return [...own, ...tasks.flatMap((task) => task.info.resources ?? [])];
}

/** Whether a task of a group asked for limits of its own. */
export function hasOwnGroup(task: TaskInfo): boolean {
  return task.container?.linux_info?.share_cgroups === false;
}

export function rlimitsOf(container: ContainerInfo | undefined): readonly RLimit[] | undefined {
  return container?.rlimit_info?.rlimits?.map(({ type, soft, hard }) => ({
    type: type ?? "UNKNOWN",
    ...(soft === undefined || hard === undefined ? {} : { soft, hard }),
  }));
}

// A stored Infinity comes back as null.
function bound(limit: ValueScalar | undefined): number | "unlimited" | undefined {
  if (limit === undefined) return undefined;
  return limit.value === null || !Number.isFinite(limit.value) ? "unlimited" : limit.value;
}
