import type { DrainState, OperationState, TaskState } from "@meseta/api/mesos/generated/mesos.ts";
import type { Tone } from "./failure.ts";

/** How a state looks: a mark of its own shape, a word, and a colour that says the same. */
export interface Look {
  readonly mark: "●" | "◐" | "✗" | "○";
  readonly word: string;
  readonly tone: Tone;
}

const look = (mark: Look["mark"], word: string, tone: Tone): Look => ({ mark, word, tone });

export const taskLooks: Readonly<Record<TaskState, Look>> = {
  TASK_STAGING: look("◐", "staging", "busy"),
  TASK_STARTING: look("◐", "starting", "busy"),
  TASK_RUNNING: look("●", "running", "good"),
  TASK_KILLING: look("◐", "killing", "warn"),
  TASK_FINISHED: look("○", "finished", "dim"),
  TASK_KILLED: look("○", "killed", "dim"),
  TASK_FAILED: look("✗", "failed", "bad"),
  TASK_ERROR: look("✗", "error", "bad"),
  TASK_DROPPED: look("✗", "dropped", "bad"),
  TASK_LOST: look("✗", "lost", "lost"),
  TASK_UNREACHABLE: look("✗", "unreachable", "lost"),
  TASK_GONE: look("✗", "gone", "lost"),
  TASK_GONE_BY_OPERATOR: look("✗", "gone by operator", "lost"),
  TASK_UNKNOWN: look("✗", "unknown", "lost"),
};

/** Mark and word, as in "● running"; a running task that fails its health check says so. */
export function showTask(state: TaskState, healthy?: boolean): Look {
  return state === "TASK_RUNNING" && healthy === false ? look("●", "unhealthy", "warn") : taskLooks[state];
}

export function shown({ mark, word }: Look): string {
  return `${mark} ${word}`;
}

export function showNode(node: {
  readonly active: boolean;
  readonly deactivated?: boolean | undefined;
  readonly recovered?: boolean;
  readonly drain?: DrainState | undefined;
}): Look {
  if (node.recovered) return look("◐", "expected back", "warn");
  if (node.drain === "DRAINING") return look("◐", "draining", "warn");
  if (node.drain === "DRAINED") return look("○", "drained", "dim");
  if (node.deactivated) return look("○", "deactivated", "dim");
  return node.active ? look("●", "active", "good") : look("✗", "disconnected", "lost");
}

export function showOperation(state: OperationState): Look {
  const word = state.replace("OPERATION_", "").toLowerCase().replaceAll("_", " ");
  if (state === "OPERATION_FINISHED") return look("○", word, "dim");
  if (state === "OPERATION_PENDING" || state === "OPERATION_RECOVERING") return look("◐", word, "busy");
  return look("✗", word, "bad");
}

export function showFramework(framework: {
  readonly active: boolean;
  readonly connected: boolean;
  readonly recovered: boolean;
  readonly completed: boolean;
}): Look {
  if (framework.completed) return look("○", "ended", "dim");
  if (framework.recovered) return look("◐", "expected back", "warn");
  if (!framework.connected) return look("✗", "disconnected", "lost");
  return framework.active ? look("●", "active", "good") : look("◐", "inactive", "warn");
}
