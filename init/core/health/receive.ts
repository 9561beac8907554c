import type { App } from "@meseta/api/marathon/app.ts";
import type { TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import type { Result } from "@meseta/api/mesos/generated/probe.ts";
import type { Event } from "@meseta/api/mesos/generated/scheduler.ts";
import { parseTaskId } from "../definition/instance-id.ts";
import { isPod } from "../definition/spec.ts";
import { changeInstance } from "../fleet/change.ts";
import { noteUnhealthy } from "../fleet/failure.ts";
import { definitionOf, instanceOf, serviceOf } from "../fleet/lookup.ts";
import type { Instance } from "../instance/instance.ts";
import type { InitOut } from "../out.ts";
import type { InitState } from "../state.ts";
import { nativeCheckOf, purposeOf } from "../task/checks.ts";
import { healthOf, type InstanceHealth, judge, putHealth } from "./instance-health.ts";
import { checkFailed, checkTurned, instanceTurned, unhealthyKilled } from "./notices.ts";
import { receiveReadiness } from "./readiness.ts";
import { type HealthRecord, type HealthResult, isAlive, withResult } from "./record.ts";

/** PROBED: agents tell what probes of tasks saw. What is told again, or of a launch that is over, changes nothing. */
export function receiveProbes(state: InitState, { probed }: Event, nowMs: number, out: InitOut): void {
  for (const result of probed?.results ?? []) receiveProbe(state, result, nowMs, out);
}

/**
 * A status of a task says how Mesos' own check of it stands. To be called after the status has become part of the instance; of those that say nothing of
 * health nothing follows.
 */
export function receiveNativeHealth(
  state: InitState,
  instanceId: string,
  status: TaskStatus,
  nowMs: number,
  out: InitOut,
): void {
  const instance = instanceOf(state, instanceId);
  const spec = instance && definitionOf(state, instance);
  if (status.healthy === undefined || spec === undefined || instance?.tasks[status.task_id.value] === undefined) return;
  const index = isPod(spec) ? -1 : nativeCheckOf(spec.healthChecks);
  const stamp = status.timestamp ?? nowMs / 1000;
  if (isPod(spec) || index < 0) return tellHealth(state, instance.id, nowMs, out);
  if (isEcho(status, healthOf(state, instance).checks[index]) || !isNews(state, instance, NATIVE, stamp)) return;
  const result = { succeeded: status.healthy, atMs: atMsOf(stamp, nowMs), cause: status.message };
  // Who fails it too often is ended by its executor.
  receiveHealth(state, { app: spec, instance, index, taskId: status.task_id.value, isMine: false }, result, nowMs, out);
}

const NATIVE = "native";

// A reconciliation tells what the check said last, again and again.
function isEcho({ reason, healthy }: TaskStatus, record: HealthRecord | undefined): boolean {
  return reason === "REASON_RECONCILIATION" && record !== undefined && isAlive(record) === healthy;
}

/** A check of an instance of which there is a result. `isMine`: init ends who fails it too often. */
interface Checked {
  readonly app: App;
  readonly instance: Instance;
  readonly index: number;
  readonly taskId: string;
  readonly isMine: boolean;
}

function receiveProbe(state: InitState, result: Result, nowMs: number, out: InitOut): void {
  const taskId = result.task_id.value;
  const instance = instanceOf(state, parseTaskId(taskId)?.instanceId ?? "");
  const app = instance && definitionOf(state, instance);
  if (app === undefined || instance?.tasks[taskId] === undefined || isPod(app)) return;
  const purpose = purposeOf(result.probe_id);
  if (purpose === undefined) return;
  const checks = purpose.kind === "health" ? app.healthChecks : app.readinessChecks;
  if (checks[purpose.index] === undefined || !isNews(state, instance, result.probe_id, result.timestamp)) return;
  if (purpose.kind === "readiness") return receiveReadiness(state, app, instance, result, nowMs, out);
  const { succeeded, timestamp, message: cause } = result;
  const seen = { succeeded, atMs: atMsOf(timestamp, nowMs), cause };
  receiveHealth(state, { app, instance, index: purpose.index, taskId, isMine: true }, seen, nowMs, out);
}

/** Notes the timestamp. False: this result was told before. */
function isNews(state: InitState, instance: Instance, probe: string, timestamp: number): boolean {
  const health = healthOf(state, instance);
  if (health.seen[probe] === timestamp) return false;
  state.health.set(instance.id, { ...health, seen: { ...health.seen, [probe]: timestamp } });
  return true;
}

function receiveHealth(state: InitState, checked: Checked, result: HealthResult, nowMs: number, out: InitOut): void {
  const { app, instance, index } = checked;
  const check = app.healthChecks[index]!;
  const health = healthOf(state, instance);
  const before = health.checks[index];
  const { gracePeriodSeconds } = check;
  const record = withResult(before, result, { runningSinceMs: runningSinceMs(instance), gracePeriodSeconds, nowMs });
  if (record === undefined) return;
  const after = { ...health, checks: { ...health.checks, [index]: record } };
  putHealth(state, instance, after);
  if (!result.succeeded) {
    out.publish(checkFailed(instance, check), nowMs);
    const { maxConsecutiveFailures: most } = check;
    if (checked.isMine && most > 0 && record.consecutiveFailures >= most)
      condemn(state, checked, after, record.lastFailureCause, nowMs, out);
  }
  if (isAlive(before) !== isAlive(record)) out.publish(checkTurned(instance, isAlive(record)), nowMs);
  tellHealth(state, instance.id, nowMs, out);
}

function runningSinceMs({ condition, startedAtMs, sinceMs }: Instance): number | undefined {
  return condition === "Running" ? (startedAtMs ?? sinceMs) : undefined;
}

// Once a launch: the end is asked for until it comes.
function condemn(
  state: InitState,
  { instance, taskId }: Checked,
  health: InstanceHealth,
  reason: string | undefined,
  nowMs: number,
  out: InitOut,
): void {
  if (health.isCondemned === true || instance.goal !== "Running") return;
  putHealth(state, instance, { ...health, isCondemned: true });
  noteUnhealthy(serviceOf(state, instance.spec)!, instance, taskId, reason, nowMs, out);
  out.publish(unhealthyKilled(instance, taskId, reason ?? ""), nowMs);
  changeInstance(state, instance.id, { type: "unhealthy" }, nowMs, out);
}

function tellHealth(state: InitState, instanceId: string, nowMs: number, out: InitOut): void {
  const instance = instanceOf(state, instanceId);
  const spec = instance && definitionOf(state, instance);
  if (instance === undefined || spec === undefined) return;
  const isHealthy = judge(spec, instance, healthOf(state, instance));
  if (isHealthy === instance.isHealthy) return;
  changeInstance(state, instanceId, { type: "health", isHealthy }, nowMs, out);
  out.publish(instanceTurned(instance, isHealthy), nowMs);
}

// An agent's clock may be ahead.
function atMsOf(timestampSeconds: number, nowMs: number): number {
  return Math.min(nowMs, Math.round(timestampSeconds * 1000));
}
