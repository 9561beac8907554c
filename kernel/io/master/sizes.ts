import { encodeProtobuf } from "@meseta/api/mesos/codec/protobuf.ts";
import type { TaskInfo } from "@meseta/api/mesos/generated/mesos.ts";
import type { Call } from "@meseta/api/mesos/generated/scheduler.ts";
import type { MasterLimits } from "../../core/master/bounds.ts";

/** Why a scheduler's call of so many bytes is not taken: what it brings would be kept, and sent to agents, again and again. Undefined: it is. */
export function sizeProblem(call: Call, bytes: number, limits: MasterLimits): string | undefined {
  if (call.type === "SUBSCRIBE" || call.type === "UPDATE_FRAMEWORK") {
    const most = limits.frameworkBytes;
    return bytes > most ? `A ${call.type} may have ${most} bytes, and this one has ${bytes}` : undefined;
  }
  // A call that is small has no large tasks.
  if (call.type !== "ACCEPT" || bytes <= limits.taskBytes) return undefined;
  return tasksOf(call)
    .map((task) => taskProblem(task, limits.taskBytes))
    .find((problem) => problem !== undefined);
}

function tasksOf({ accept }: Call): TaskInfo[] {
  return (accept?.operations ?? []).flatMap(({ launch, launch_group }) => {
    if (launch_group === undefined) return launch?.task_infos ?? [];
    // Each task of a group travels and is kept with the executor.
    const { executor, task_group } = launch_group;
    return (task_group.tasks ?? []).map((task) => ({ ...task, executor }));
  });
}

function taskProblem(task: TaskInfo, most: number): string | undefined {
  const bytes = encodeProtobuf("mesos.v1.TaskInfo", task).length;
  return bytes > most ? `A task may have ${most} bytes, and '${task.task_id.value}' has ${bytes}` : undefined;
}
