import type { TaskState, TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import { CRON_BOUNDS } from "../bounds.ts";
import type { CronOut } from "../out.ts";
import type { RunEvent } from "../run.ts";
import { changeRun } from "../runs/change.ts";
import { killEnded, killTask } from "../runs/kill.ts";
import type { CronState } from "../state.ts";

/** The status of a task: of a run of ours, or of nobody's, which then has to end. Acknowledged when what it changed is stored. */
export function receiveUpdate(state: CronState, status: TaskStatus, nowMs: number, out: CronOut): void {
  const ref = state.tasks.get(status.task_id.value);
  if (ref !== undefined && isHalfTold(state, status)) return;
  if (ref === undefined) receiveStray(state, status, nowMs, out);
  else changeRun(state, ref, eventOf(status), nowMs, out);
  acknowledge(status, out);
}

// The master's answer does not say why a task has failed. Its agent does, within seconds; if that is lost as well, the answer to the next question counts.
function isHalfTold({ master }: CronState, { state, reason }: TaskStatus): boolean {
  return (
    master.isJustConnected === true && reason === "REASON_RECONCILIATION" && isTerminal(state) && !WHOLE.has(state)
  );
}

/** Of these nobody knows more: a success has no reason, and of what is gone no agent tells. */
const WHOLE: ReadonlySet<TaskState | undefined> = new Set<TaskState>(["TASK_FINISHED", "TASK_GONE"]);

function receiveStray(
  state: CronState,
  { task_id, agent_id, state: now }: TaskStatus,
  nowMs: number,
  out: CronOut,
): void {
  if (isTerminal(now)) return killEnded(state, task_id.value);
  // Nobody can tell it anything; if it comes back it is heard of, and killed then.
  if (now === "TASK_UNKNOWN") return killEnded(state, task_id.value);
  if (now === "TASK_UNREACHABLE") return;
  // It is asked again until it has ended; whoever tells of it meanwhile does not make that sooner.
  if (!state.kills.has(task_id.value)) killTask(state, task_id.value, { agentId: agent_id?.value }, nowMs, out);
}

function eventOf(status: TaskStatus): RunEvent {
  const { task_id, state, reason, message, agent_id, container_status, timestamp } = status;
  // What a master says when it is asked is of the time of the answer.
  const isAnswer = reason === "REASON_RECONCILIATION";
  return {
    type: "status",
    taskId: task_id.value,
    state,
    reason,
    message: message?.slice(0, MOST_CHARACTERS),
    agentId: agent_id?.value,
    containerId: container_status?.container_id?.value,
    ...(timestamp !== undefined && !isAnswer && { atMs: Math.round(timestamp * 1000) }),
  };
}

/** It is stored with the run and its history, and an executor may say anything. */
const MOST_CHARACTERS = CRON_BOUNDS.message.most;

function acknowledge({ task_id, agent_id, uuid }: TaskStatus, out: CronOut): void {
  if (uuid !== undefined && agent_id !== undefined)
    out.send({ type: "ACKNOWLEDGE", acknowledge: { task_id, agent_id, uuid } });
}
