import { encodeUtf8 } from "@meseta/api/mesos/codec/utf8.ts";
import type * as mesos from "@meseta/api/mesos/generated/mesos.ts";
import type { Job } from "./job.ts";
import type { Place } from "./offers/place.ts";
import type { JobRun } from "./run.ts";
import { commandOf, commandOfExecutor } from "./task/command.ts";
import { containerOf } from "./task/container.ts";
import { environmentOf } from "./task/environment.ts";
import { taskIdOf } from "./task/id.ts";
import { labelsOf } from "./task/labels.ts";

/** What a launch needs besides job, run and place. */
export interface LaunchContext {
  readonly offer: Pick<mesos.Offer, "agent_id" | "hostname">;
  readonly frameworkId: string;
  /** The network that stands behind bridged containers. */
  readonly bridgeName: string;
}

/** The next task of a run at its place. The same run gives the same task. Source: Chronos' and Metronome's documentation of jobs. */
export function taskOf(job: Job, run: JobRun, place: Place, context: LaunchContext): mesos.TaskInfo {
  const taskId = taskIdOf(run);
  const { labels, maxCompletionSeconds } = job;
  const graceSeconds = job.run.taskKillGracePeriodSeconds;
  return {
    name: `ChronosTask:${job.id}`,
    task_id: { value: taskId },
    agent_id: context.offer.agent_id,
    resources: [...place.resources],
    ...whatRuns(job, run, taskId, place, context),
    ...(graceSeconds !== undefined && { kill_policy: { grace_period: seconds(graceSeconds) } }),
    ...(maxCompletionSeconds > 0 && { max_completion_time: seconds(maxCompletionSeconds) }),
    ...labelsOf(Object.entries(labels).map(([key, value]) => ({ key, value }))),
  };
}

/** The command and container, or the executor of the user's own with them. */
function whatRuns(
  job: Job,
  run: JobRun,
  taskId: string,
  { hostPorts }: Place,
  { offer, frameworkId, bridgeName }: LaunchContext,
): Partial<mesos.TaskInfo> {
  const environment = environmentOf(job, run, taskId, offer.hostname);
  const container = containerOf(job, hostPorts, bridgeName);
  const inside = container === undefined ? {} : { container };
  if (job.chronos.executor === "") return { command: commandOf(job, run.arguments, environment), ...inside };
  const executor: mesos.ExecutorInfo = {
    type: "CUSTOM",
    // One each: tasks that share an executor must agree on all of it, and these have environments of their own.
    executor_id: { value: taskId },
    framework_id: { value: frameworkId },
    name: job.id,
    command: commandOfExecutor(job, environment),
    ...inside,
  };
  return { executor, data: dataOf(job) };
}

// What an executor of Chronos' is told.
function dataOf({ chronos, run }: Job): string {
  return encodeUtf8(chronos.taskInfoData || `${chronos.executorFlags}|${run.cmd ?? ""}`).toBase64();
}

function seconds(count: number): mesos.DurationInfo {
  return { nanoseconds: count * 1e9 };
}
