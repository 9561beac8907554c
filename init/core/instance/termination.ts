import type { PodTermination } from "@meseta/api/marathon/pod-status.ts";
import type { TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import { INIT_BOUNDS } from "../bounds.ts";
import { formatTimestamp } from "../definition/version.ts";
import type { Instance } from "./instance.ts";

/** How many ends of a pod's launches are remembered. They are not stored: a new leader begins without. */
const MOST_TERMINATIONS = INIT_BOUNDS.terminations.most;

/** The ends so far and one more, the newest last. `instance`: as it was with its last task over, before it is scheduled again or goes. */
export function withTermination(
  before: readonly PodTermination[] | undefined,
  instance: Instance,
  nowMs: number,
): readonly PodTermination[] {
  return [...(before ?? []), terminationOf(instance, nowMs)].slice(-MOST_TERMINATIONS);
}

/** The exit code in a status' message, where the executor said one, and the message. */
export function exitOf(status: TaskStatus | undefined): { exitCode?: number; message?: string } {
  const message = status?.message;
  if (message === undefined || message === "") return {};
  const found = EXIT.exec(message);
  return { ...(found && { exitCode: Number(found[1]) }), message };
}

const EXIT = /\b(?:exited|terminated) with status (\d{1,3})\b/;

function terminationOf(instance: Instance, nowMs: number): PodTermination {
  const tasks = Object.entries(instance.tasks);
  const message = tasks.find(([, { status }]) => status?.message)?.[1].status?.message;
  return {
    instanceID: instance.id,
    startedAt: formatTimestamp(instance.startedAtMs ?? instance.stagedAtMs ?? instance.createdMs),
    terminatedAt: formatTimestamp(nowMs),
    ...(message !== undefined && { message }),
    containers: tasks.map(([containerId, { status }]) => ({
      containerId,
      lastKnownState: status?.state ?? "TASK_STAGING",
      termination: exitOf(status),
    })),
  };
}
