import type { RunSpec } from "@meseta/api/marathon/group.ts";
import { clockUuid } from "@meseta/lib/core/uuid.ts";
import { formatInstanceId } from "../definition/instance-id.ts";
import { savedDeployment } from "../deployment/saved.ts";
import type { Deployment, DeploymentEffect } from "../deployment.ts";
import { newInstance } from "../instance/instance.ts";
import type { InitOut } from "../out.ts";
import { affectedBy } from "../plan.ts";
import type { InitState } from "../state.ts";
import { askClock, askSettle, touch } from "../wakes.ts";
import { addInstance, changeInstance } from "./change.ts";
import { clearDelay } from "./delay.ts";
import { ownerOf } from "./lookup.ts";
import { deploymentNotice } from "./notices.ts";
import { forgetVersions } from "./versions.ts";
import { serviceForInstances } from "./wanted.ts";

/** Does what deployments have decided: changes of instances, records, notices. */
export function carryOutDeployment(
  state: InitState,
  effects: readonly DeploymentEffect[],
  nowMs: number,
  out: InitOut,
): void {
  if (state.pending.next < state.pending.effects.length) reconsider(state, nowMs, out);
  for (const effect of effects) carryOut(state, effect, nowMs, out);
}

/**
 * Deployments begin or end while what was decided before is not all done: the rest of it is decided anew, as after a crash. What is only told or stored
 * happens all the same.
 */
function reconsider(state: InitState, nowMs: number, out: InitOut): void {
  const { effects, next } = state.pending;
  state.pending = { effects: [], next: 0 };
  for (const effect of effects.slice(next)) {
    if (effect.type === "start") touch(state, effect.spec.id, nowMs, out);
    else if (effect.type === "goal") touch(state, ownerOf(state, effect.instanceId)?.id ?? "", nowMs, out);
    else carryOut(state, effect, nowMs, out);
  }
  state.deployments.restore(state.deployments.all);
}

/** Does one of them. */
export function carryOut(state: InitState, effect: DeploymentEffect, nowMs: number, out: InitOut): void {
  switch (effect.type) {
    case "goal":
      return changeInstance(state, effect.instanceId, { type: "goal", goal: effect.goal }, nowMs, out);
    case "start":
      return start(state, effect, nowMs, out);
    case "clear-delay":
      clearDelay(state, effect.spec);
      return touch(state, effect.spec, nowMs, out);
    case "save":
      return save(state, effect.deployment, nowMs, out);
    case "forget":
      return out.erase(deploymentKey(effect.id));
    case "terminated":
      out.publish({ eventType: "app_terminated_event", appId: effect.spec }, nowMs);
      return touch(state, effect.spec, nowMs, out);
    case "told":
      return tell(state, effect, nowMs, out);
    case "expired":
      return;
  }
}

function start(
  state: InitState,
  { spec, resume, create }: Extract<DeploymentEffect, { type: "start" }>,
  nowMs: number,
  out: InitOut,
): void {
  const definition = { version: spec.version, configVersion: spec.versionInfo.lastConfigChangeAt };
  for (const id of resume) changeInstance(state, id, { type: "goal", goal: "Running", definition }, nowMs, out);
  for (let i = 0; i < create; i++) add(state, spec, nowMs);
  touch(state, spec.id, nowMs, out);
}

function add(state: InitState, spec: RunSpec, nowMs: number): void {
  const id = formatInstanceId(spec.id, clockUuid(state.random.uuid(), nowMs));
  addInstance(state, serviceForInstances(state, spec), newInstance(spec, id, nowMs), nowMs);
}

function save(state: InitState, deployment: Deployment, nowMs: number, out: InitOut): void {
  // It may have been ended since.
  if (!state.deployments.has(deployment.plan.id)) return;
  out.save(deploymentKey(deployment.plan.id), savedDeployment(state, deployment));
  askClock(state, Math.min(deployment.deadlineMs ?? Number.POSITIVE_INFINITY, nowMs + LOOK_AGAIN_MS), out);
  // One without steps is over with the next settling, whatever happens.
  touchAll(state, deployment, nowMs, out);
}

/** How often deployments are looked at although nothing has happened. */
export const LOOK_AGAIN_MS = 10_000;

function deploymentKey(id: string): string {
  return `deployment/${id}`;
}

// When it is over, its services are kept at their number by nobody else.
function tell(
  state: InitState,
  { news, deployment, reason }: Extract<DeploymentEffect, { type: "told" }>,
  nowMs: number,
  out: InitOut,
): void {
  out.publish(deploymentNotice(news, deployment, reason), nowMs);
  if (news !== "success" && news !== "failed") return;
  touchAll(state, deployment, nowMs, out);
  // The last instances of an old version may have gone with it.
  for (const id of affectedBy(deployment.plan)) forgetVersions(state, id, out);
}

function touchAll(state: InitState, { plan }: Deployment, nowMs: number, out: InitOut): void {
  for (const id of affectedBy(plan)) touch(state, id, nowMs, out);
  askSettle(state, nowMs, out);
}
