import type { ExecutorInfo, OfferOperation, Resource, TaskGroupInfo, TaskInfo } from "../generated/mesos.ts";

type Change = (resources: readonly Resource[]) => Resource[];

/** The operation with each list of resources in it changed, those of tasks and executors too: to upgrade them, to mark or unmark their allocation. */
export function inOperation(operation: OfferOperation, change: Change): OfferOperation {
  const {
    launch,
    launch_group,
    reserve,
    unreserve,
    create,
    destroy,
    grow_volume,
    shrink_volume,
    create_disk,
    destroy_disk,
  } = operation;
  const one = (resource: Resource): Resource => change([resource])[0] ?? resource;
  const out = { ...operation };
  if (launch !== undefined)
    out.launch = { ...launch, task_infos: (launch.task_infos ?? []).map((task) => inTask(task, change)) };
  if (launch_group !== undefined)
    out.launch_group = {
      executor: inExecutor(launch_group.executor, change),
      task_group: inGroup(launch_group.task_group, change),
    };
  if (reserve !== undefined)
    out.reserve = { source: change(reserve.source ?? []), resources: change(reserve.resources ?? []) };
  if (unreserve !== undefined) out.unreserve = { resources: change(unreserve.resources ?? []) };
  if (create !== undefined) out.create = { volumes: change(create.volumes ?? []) };
  if (destroy !== undefined) out.destroy = { volumes: change(destroy.volumes ?? []) };
  if (grow_volume !== undefined)
    out.grow_volume = { volume: one(grow_volume.volume), addition: one(grow_volume.addition) };
  if (shrink_volume !== undefined) out.shrink_volume = { ...shrink_volume, volume: one(shrink_volume.volume) };
  if (create_disk !== undefined) out.create_disk = { ...create_disk, source: one(create_disk.source) };
  if (destroy_disk !== undefined) out.destroy_disk = { ...destroy_disk, source: one(destroy_disk.source) };
  return out;
}

function inTask(task: TaskInfo, change: Change): TaskInfo {
  const changed = { ...task, resources: change(task.resources ?? []) };
  return task.executor === undefined ? changed : { ...changed, executor: inExecutor(task.executor, change) };
}

function inExecutor(executor: ExecutorInfo, change: Change): ExecutorInfo {
  return { ...executor, resources: change(executor.resources ?? []) };
}

function inGroup(group: TaskGroupInfo, change: Change): TaskGroupInfo {
  return { ...group, tasks: (group.tasks ?? []).map((task) => inTask(task, change)) };
}
