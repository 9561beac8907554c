import type { App } from "@meseta/api/marathon/app.ts";
import type { DeploymentResult } from "@meseta/api/marathon/deployment.ts";
import { type Course, decide } from "../autoscale.ts";
import { parentOf } from "../definition/path.ts";
import { scaledTo } from "../definition/spec.ts";
import { parseTimestamp } from "../definition/version.ts";
import type { InitEvent } from "../event.ts";
import type { InitOut, Notice } from "../out.ts";
import { affectedBy } from "../plan.ts";
import type { InitState, Service } from "../state.ts";
import { change, putOf } from "./change.ts";

/**
 * An app that scales itself was measured: when that asks for another number of instances, a deployment brings them, and app_autoscaled_event says why.
 * While others deploy the app nothing is decided; its own deployment may be replaced, so that one for which there is no room does not last for ever.
 */
export function receiveSamples(
  state: InitState,
  { app: id, values }: Extract<InitEvent, { type: "sampled" }>,
  nowMs: number,
  out: InitOut,
): void {
  const app = state.tree.apps.get(id);
  const service = state.services.get(id);
  if (app?.autoscale === undefined || service === undefined || isBusy(state, service)) return;
  const before = courseOf(app, service);
  const samples = { instances: app.instances, values: valuesOf(service, values) };
  const { count, why, course } = decide(app.autoscale, samples, before, nowMs);
  service.course = { ...service.course, ...course };
  if (count === app.instances) return;
  const wanted = {
    group: parentOf(id),
    changes: [putOf(scaledTo(app, count))],
    force: true,
    deadlineMs: "never" as const,
    announce: () => [autoscaled(app, count, why)],
  };
  const answer = change({ state, nowMs, out }, wanted);
  // Refused, it is to be tried again, and not only after a cool-down.
  service.course =
    answer.status === 200 ? { ...course, deploymentId: (answer.body as DeploymentResult).deploymentId } : before;
}

function autoscaled({ id, instances }: App, to: number, why: string): Notice {
  return { eventType: "app_autoscaled_event", appId: id, from: instances, to, why };
}

function isBusy({ deployments }: InitState, { id, course }: Service): boolean {
  if (!deployments.actsOn(id)) return false;
  return deployments.all.some(({ plan }) => plan.id !== course?.deploymentId && affectedBy(plan).includes(id));
}

// Whoever changed it: a cool-down begins with it, also after a restart of ours.
function courseOf({ versionInfo }: App, { course }: Service): Course {
  const changedAtMs = Math.max(course?.changedAtMs ?? 0, parseTimestamp(versionInfo.lastScalingAt) ?? 0);
  return changedAtMs === course?.changedAtMs ? course : { changedAtMs, asked: [] };
}

// What answers may be on its way out, and may answer anything.
function valuesOf({ instances }: Service, values: Readonly<Record<string, number>>): number[] {
  return Object.entries(values).flatMap(([id, value]) => {
    const { goal, condition } = instances.get(id) ?? {};
    const counts = goal === "Running" && condition === "Running" && Number.isFinite(value) && value >= 0;
    return counts ? [value] : [];
  });
}
