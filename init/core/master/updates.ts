import type { TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import { parseInstanceId, parseTaskId } from "../definition/instance-id.ts";
import { changeInstance } from "../fleet/change.ts";
import { killStray, sendKills } from "../fleet/kill.ts";
import { instanceOf } from "../fleet/lookup.ts";
import { receiveNativeHealth } from "../health/receive.ts";
import { conditionOf, isTerminal, isUnreachable } from "../instance/condition.ts";
import type { InitOut } from "../out.ts";
import type { InitState } from "../state.ts";

/** The status of a task: of an instance of ours, or of nobody's, which then has to end. Acknowledged when what it changed is stored. */
export function receiveUpdate(state: InitState, status: TaskStatus, nowMs: number, out: InitOut): void {
  const id = instanceIdOf(status.task_id.value);
  if (id !== undefined && instanceOf(state, id) !== undefined) {
    changeInstance(state, id, { type: "status", status: withoutDelivery(status) }, nowMs, out);
    receiveNativeHealth(state, id, status, nowMs, out);
  } else receiveStray(state, status, nowMs, out);
  // What was killed without an instance: who comes back with it tells it anew.
  if (!isThere(status)) sendKills(state, state.kills.forget(status.task_id.value, nowMs), out);
  acknowledge(status, out);
}

function receiveStray(state: InitState, status: TaskStatus, nowMs: number, out: InitOut): void {
  if (isThere(status)) return killStray(state, status, nowMs, out);
  const condition = conditionOf(status);
  if (isUnreachable(condition)) return;
  const instanceId = instanceIdOf(status.task_id.value) ?? status.task_id.value;
  const runSpecId = parseInstanceId(instanceId)?.path ?? "";
  out.publish({ eventType: "unknown_instance_terminated_event", instanceId, runSpecId, condition }, nowMs);
}

function isThere(status: TaskStatus): boolean {
  const condition = conditionOf(status);
  return !isTerminal(condition) && !isUnreachable(condition);
}

function acknowledge({ task_id, agent_id, uuid }: TaskStatus, out: InitOut): void {
  if (uuid !== undefined && agent_id !== undefined)
    out.send({ type: "ACKNOWLEDGE", acknowledge: { task_id, agent_id, uuid } });
}

// What is looked at later on; of a million tasks the rest would take memory.
function withoutDelivery(status: TaskStatus): TaskStatus {
  const { uuid: _uuid, data: _data, executor_id: _executor, source: _source, labels: _labels, ...rest } = status;
  return rest;
}

function instanceIdOf(taskId: string): string | undefined {
  return parseTaskId(taskId)?.instanceId;
}
