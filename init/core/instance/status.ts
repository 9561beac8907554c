import type { TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import { type Condition, conditionOf, conditionOfPod, isFailure, isTerminal, isUnreachable } from "./condition.ts";
import { remove, reschedule } from "./goal.ts";
import type { Instance, TaskRecord } from "./instance.ts";
import type { InstanceEffect, Outcome } from "./life.ts";

/** A status of one of the instance's tasks, or of one it had in an earlier launch. */
export function receiveStatus(instance: Instance, status: TaskStatus, nowMs: number): Outcome {
  const known = instance.tasks[status.task_id.value];
  if (known === undefined) return strayTask(instance, status);
  const told = conditionOf(status);
  if (isTerminal(known.condition) || isEcho(known, told, status)) return { instance, effects: [] };
  const tasks = { ...instance.tasks, [status.task_id.value]: { condition: told, status } };
  const condition = overall(
    instance,
    Object.values(tasks).map((task) => task.condition),
  );
  const next = withCondition({ ...instance, tasks }, condition, status, nowMs);
  const effects = changes(instance, condition, status);
  // What was to be removed, and cannot be told so any more, is not waited for.
  if (isUnreachable(condition) && instance.goal === "Decommissioned") return remove(next, effects);
  return Object.values(tasks).every((task) => isTerminal(task.condition))
    ? over(next, status, effects, nowMs)
    : { instance: next, effects };
}

// What was sent again, or was asked for and is as before, changes nothing: a reconciliation of a million tasks stores none of them.
function isEcho({ condition, status: last }: TaskRecord, told: Condition, status: TaskStatus): boolean {
  if (last === undefined || condition !== told || last.healthy !== status.healthy) return false;
  return last.timestamp === status.timestamp || status.reason === "REASON_RECONCILIATION";
}

// A task of an earlier launch that still lives, as after a partition, must not live beside the present one.
function strayTask(instance: Instance, status: TaskStatus): Outcome {
  const lives = !isTerminal(conditionOf(status)) && !isUnreachable(conditionOf(status));
  return { instance, effects: lives ? [{ type: "kill-task", status }] : [] };
}

// Who is inactive stays it for as long as it is unreachable, though a reconciliation says only that.
function overall(instance: Instance, tasks: readonly Condition[]): Condition {
  const condition = tasks.length === 1 ? tasks[0]! : conditionOfPod(tasks);
  return condition === "Unreachable" && instance.condition === "UnreachableInactive"
    ? "UnreachableInactive"
    : condition;
}

function withCondition(instance: Instance, condition: Condition, status: TaskStatus, nowMs: number): Instance {
  const isLost = isUnreachable(condition);
  return {
    ...instance,
    condition,
    sinceMs: condition === instance.condition ? instance.sinceMs : nowMs,
    startedAtMs: instance.startedAtMs ?? (condition === "Running" ? timeOf(status, nowMs) : undefined),
    unreachableSinceMs: isLost ? (instance.unreachableSinceMs ?? lostSince(status, nowMs)) : undefined,
    kept:
      PROVES_PLACE.has(condition) && instance.kept?.isUsed === false
        ? { ...instance.kept, isUsed: true }
        : instance.kept,
  };
}

// What the master offered as reserved may never have come to the agent, and the launch on it neither: only the task's own words show that it did.
const PROVES_PLACE: ReadonlySet<Condition> = new Set<Condition>([
  "Starting",
  "Running",
  "Killing",
  "Finished",
  "Failed",
  "Killed",
]);

function timeOf({ timestamp }: TaskStatus, nowMs: number): number {
  return timestamp === undefined ? nowMs : Math.min(nowMs, Math.round(timestamp * 1000));
}

function lostSince({ unreachable_time: since }: TaskStatus, nowMs: number): number {
  return since === undefined ? nowMs : Math.min(nowMs, Math.round(since.nanoseconds / 1e6));
}

const COMES_ALONG: ReadonlySet<Condition> = new Set<Condition>(["Provisioned", "Staging", "Starting", "Running"]);

function changes(before: Instance, condition: Condition, status: TaskStatus): InstanceEffect[] {
  if (before.condition === condition) return [];
  const effects: InstanceEffect[] = [{ type: "changed", from: before.condition, to: condition }];
  if (COMES_ALONG.has(condition)) effects.push({ type: "delay", change: "touch" });
  if (isFailed(condition, status)) effects.push({ type: "delay", change: "raise" });
  return effects;
}

// That the offer was taken back while the launch was on its way says nothing of the service.
function isFailed(condition: Condition, status: TaskStatus): boolean {
  if (condition === "Dropped" && status.reason === "REASON_INVALID_OFFERS") return false;
  return isFailure(condition) || isKilledUnhealthy(condition, status);
}

// Its executor ended it because its own check failed too often.
function isKilledUnhealthy(condition: Condition, { healthy }: TaskStatus): boolean {
  return condition === "Killed" && healthy === false;
}

/** All its tasks are over: it waits for the next launch, rests, or goes, as its goal says. */
function over(instance: Instance, status: TaskStatus, effects: InstanceEffect[], nowMs: number): Outcome {
  effects.push({ type: "ended", condition: instance.condition, status });
  if (status.reason === "REASON_AGENT_DRAINING") effects.push({ type: "delay", change: "clear" });
  // The operator said that the agent never comes back: neither does what was kept on it.
  const left = status.state === "TASK_GONE_BY_OPERATOR" ? { ...instance, kept: undefined } : instance;
  switch (instance.goal) {
    case "Running":
      return reschedule(left, effects, nowMs);
    case "Stopped":
      return { instance: { ...left, tasks: {}, hostPorts: undefined }, effects };
    case "Decommissioned":
      return remove(left, effects);
  }
}
