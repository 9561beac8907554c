import type { TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import { isPod, unreachableStrategyOf } from "../definition/spec.ts";
import { isDying } from "../deployment/standing.ts";
import { forgetHealth } from "../health/instance-health.ts";
import { deadlineOf } from "../instance/clock.ts";
import { conditionOf } from "../instance/condition.ts";
import type { Host, Instance } from "../instance/instance.ts";
import { placesOf } from "../instance/instance.ts";
import { applyToInstance, type InstanceEffect, type InstanceEvent, type LifeSettings } from "../instance/life.ts";
import { withTermination } from "../instance/termination.ts";
import { dequeue, enqueue, roomWasMade } from "../offers/demand.ts";
import { noteRelease } from "../offers/release.ts";
import type { InitOut } from "../out.ts";
import type { InitState, Service } from "../state.ts";
import { askClock, touch } from "../wakes.ts";
import { changeDelay } from "./delay.ts";
import { noteFailure } from "./failure.ts";
import { killInstance, killStray, sendKills } from "./kill.ts";
import { definitionOf, ownerOf } from "./lookup.ts";
import { instanceChanged, statusUpdate } from "./notices.ts";
import { countRole, updateRoles } from "./roles.ts";

/**
 * Something happens to an instance: its record, the tallies, the queue, kills, delays and deadlines follow, readers of the event stream are told (the
 * status first, then what the instance has come to), and its service is settled soon. Nothing for an instance that is not known, or for what it does not care for.
 */
export function changeInstance(
  state: InitState,
  instanceId: string,
  event: InstanceEvent,
  nowMs: number,
  out: InitOut,
): void {
  const service = ownerOf(state, instanceId);
  const before = service?.instances.get(instanceId);
  if (service === undefined || before === undefined) return;
  const { instance: after, effects } = applyToInstance(before, event, lifeSettings(state, before), nowMs);
  if (after === before && effects.length === 0) return;
  if (event.type === "status" && after !== before) {
    out.publish(statusUpdate(before, event.status), nowMs);
    noteFailure(service, before, event.status, nowMs, out);
  }
  put(state, service, before, after, out);
  for (const effect of effects) follow(state, before, after, effect, nowMs, out);
  if (after === undefined) forget(state, before, nowMs, out);
  touch(state, service.id, nowMs, out);
}

/** Adds an instance to its service, to be launched. It is stored when it is: until then a start makes another one. */
export function addInstance(state: InitState, service: Service, instance: Instance, nowMs: number): void {
  service.instances.set(instance.id, instance);
  countRole(state, instance.role, 1);
  enqueue(state, instance, nowMs);
}

/** An instance as it was stored. */
export function loadInstance(state: InitState, service: Service, instance: Instance, nowMs: number): void {
  service.instances.set(instance.id, instance);
  countRole(state, instance.role, 1);
  const places = placesOf(instance);
  if (places !== undefined) service.tallies.add(places);
  if (instance.condition === "Scheduled" && instance.goal === "Running") queueAgain(state, instance, nowMs);
}

/** After a start: its deadline is kept, and what was being killed is asked to end again. */
export function watchAgain(state: InitState, instance: Instance, nowMs: number, out: InitOut): void {
  const dueMs = deadlineOf(instance, lifeSettings(state, instance));
  if (dueMs !== undefined) state.deadlines.add(dueMs, instance.id);
  if (instance.goal !== "Running") killInstance(state, instance, nowMs, out);
}

/** The record's key in the store. */
export function instanceKey(instanceId: string): string {
  return `instance/${instanceId}`;
}

function lifeSettings(state: InitState, instance: Instance): LifeSettings {
  const spec = definitionOf(state, instance);
  return { ...state.config.timeouts, unreachable: spec === undefined ? NEVER_THERE : unreachableStrategyOf(spec) };
}

const NEVER_THERE = { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 };

function put(state: InitState, service: Service, before: Instance, after: Instance | undefined, out: InitOut): void {
  if (after === before) return;
  if (after === undefined) service.instances.delete(before.id);
  else service.instances.set(before.id, after);
  if (after !== undefined && isStored(after)) out.save(instanceKey(before.id), after);
  else if (isStored(before)) out.erase(instanceKey(before.id));
  moveTally(state, service, placesOf(before), after && placesOf(after));
  // Those that are launched again may have waited for its end.
  if (isDying(before) && (after === undefined || !isDying(after))) roomWasMade(state, service.id);
  if (after !== undefined) watch(state, before, after, out);
}

/** Whether anything was ever launched or kept that still counts. */
export function hasStored(state: InitState): boolean {
  for (const { instances } of state.services.values())
    for (const instance of instances.values()) if (isStored(instance)) return true;
  return false;
}

// Of one that was never launched and for which nothing is kept nothing would be lost.
function isStored({ condition, incarnation, kept }: Instance): boolean {
  return condition !== "Scheduled" || incarnation > 1 || kept !== undefined;
}

function moveTally(
  state: InitState,
  { id, tallies }: Service,
  from: Host["places"] | undefined,
  to: Host["places"] | undefined,
): void {
  if (from === to) return;
  if (to !== undefined) tallies.add(to);
  if (from === undefined) return;
  tallies.remove(from);
  // Where it was, another one may be now, and that agent's offer was refused.
  if (tallies.fields.length > 0) roomWasMade(state, id);
}

function watch(state: InitState, before: Instance, after: Instance, out: InitOut): void {
  const dueMs = deadlineOf(after, lifeSettings(state, after));
  if (dueMs === undefined || dueMs === deadlineOf(before, lifeSettings(state, before))) return;
  state.deadlines.add(dueMs, after.id);
  askClock(state, dueMs, out);
}

function follow(
  state: InitState,
  before: Instance,
  after: Instance | undefined,
  effect: InstanceEffect,
  nowMs: number,
  out: InitOut,
): void {
  switch (effect.type) {
    case "changed":
      return out.publish(instanceChanged(effect.to === "Provisioned" ? (after ?? before) : before, effect.to), nowMs);
    case "ended":
      return launchEnded(state, before, effect.status, nowMs, out);
    case "kill":
      return killInstance(state, after ?? before, nowMs, out);
    case "kill-task":
      return killStray(state, effect.status, nowMs, out);
    case "queue":
      // The deployment may want fewer, and not have come to it yet.
      if (state.deployments.actsOn(before.spec)) state.undecided.add(before.spec);
      return queueAgain(state, after!, nowMs);
    case "unqueue":
      return dequeue(state, before.spec, before.id);
    case "delay":
      return changeDelay(state, before, effect.change, nowMs, out);
    case "release":
      return noteRelease(state, before, effect.kept, nowMs, out);
  }
}

function launchEnded(state: InitState, before: Instance, status: TaskStatus, nowMs: number, out: InitOut): void {
  const service = ownerOf(state, before.id)!;
  const spec = definitionOf(state, before);
  if (spec !== undefined && isPod(spec)) {
    const last = { [status.task_id.value]: { condition: conditionOf(status), status } };
    const ended = { ...before, tasks: { ...before.tasks, ...last } };
    service.terminations = withTermination(service.terminations, ended, nowMs);
  }
  forgetHealth(state, before.id);
  sendKills(state, state.kills.forget(before.id, nowMs), out);
}

function forget(state: InitState, { id, spec, role }: Instance, nowMs: number, out: InitOut): void {
  dequeue(state, spec, id);
  forgetHealth(state, id);
  if (countRole(state, role, -1)) updateRoles(state, out);
  sendKills(state, state.kills.forget(id, nowMs), out);
}

function queueAgain(state: InitState, instance: Instance, nowMs: number): void {
  enqueue(state, instance, nowMs);
  if (instance.kept !== undefined) state.queue.prefer(instance.spec, instance.id);
}
