import type { TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import type { SimScheduler } from "../workloads/scheduler.ts";
import type { SimAgent } from "../world/agent.ts";
import type { TaskTruth } from "../world/containers.ts";
import { Violation } from "./violation.ts";

/** What is said when the agent is not there to ask, or soon will not be: it was removed, or is known no more. */
const AWAY: ReadonlySet<string> = new Set(["TASK_LOST", "TASK_UNKNOWN", "TASK_GONE_BY_OPERATOR"]);
const TOLD_BY_AGENT: ReadonlySet<string> = new Set(["TASK_FINISHED", "TASK_FAILED", "TASK_KILLED"]);

/** An end that a framework is told, held against what the machines know: nothing runs on, and success is never made up. */
export function checkEnd(frameworkId: string, status: TaskStatus, agents: readonly SimAgent[]): void {
  if (status.uuid === undefined || !TOLD_BY_AGENT.has(status.state)) return;
  const task = status.task_id.value;
  for (const truth of truthsOf(`${frameworkId}/${task}`, agents)) {
    if (truth.ended === undefined) throw new Violation(`I3: task ${task} is told as ${status.state}, and runs`);
    const { waitStatus, seen } = truth.ended;
    if (status.state === "TASK_FINISHED" && (waitStatus !== 0 || !seen))
      throw new Violation(
        `truth: task ${task} is told as TASK_FINISHED, and ended with ${waitStatus}${seen ? "" : ", unseen"}`,
      );
    if (status.state === "TASK_FAILED" && status.reason === undefined && waitStatus === 0 && seen)
      throw new Violation(`truth: task ${task} is told as TASK_FAILED, and ended well`);
  }
}

/** I7, where no operator is: a task that is checkpointed ends by itself, or because its framework wants it, or for a reason that is told. */
export function checkWanted({ mayBeKilled, workload }: SimScheduler, { state, reason, task_id }: TaskStatus): void {
  if (state !== "TASK_KILLED" || reason !== undefined || workload.info.checkpoint !== true) return;
  if (!mayBeKilled.has(task_id.value)) throw new Violation(`I7: task ${task_id.value} is killed, and nobody wanted it`);
}

/** I3 on the machines: over all of them a task was started once at most, and tasks of frameworks that are no more do not run. */
export function checkStarts(agents: readonly SimAgent[]): void {
  const starts = new Map<string, number>();
  for (const { machine } of agents)
    for (const [task, truth] of machine.truths) starts.set(task, (starts.get(task) ?? 0) + truth.starts);
  for (const [task, count] of starts) if (count > 1) throw new Violation(`I3: task ${task} was started ${count} times`);
}

/** All is over: of a task that ended on a machine that stayed, its framework has heard how it ended. */
export function checkTold({ frameworkId, tasks, workload }: SimScheduler, agents: readonly SimAgent[]): void {
  if (workload.info.checkpoint !== true) return;
  for (const [id, { end }] of tasks)
    for (const { machine, departures } of agents) {
      const truth = machine.truths.get(`${frameworkId}/${id}`);
      if (truth === undefined || machine.reboots > 0 || departures > 0) continue;
      const told =
        end !== undefined &&
        (TOLD_BY_AGENT.has(end.state) ||
          AWAY.has(end.state) ||
          end.reason === "REASON_EXECUTOR_REREGISTRATION_TIMEOUT");
      if (!told)
        throw new Violation(
          `truth: task ${id} ended with ${truth.ended?.waitStatus}, and was told as ${end?.state} (${end?.reason}: ${end?.message})`,
        );
    }
}

function truthsOf(task: string, agents: readonly SimAgent[]): TaskTruth[] {
  return agents.flatMap(({ machine }) => machine.truths.get(task) ?? []);
}
