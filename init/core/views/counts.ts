import type { App, AppCounts } from "@meseta/api/marathon/app.ts";
import type { Instance } from "../instance/instance.ts";
import type { Instances } from "../instance/instances.ts";
import { stateOf } from "./task.ts";

/** How many of an app's tasks are how far. Without health checks none is healthy or unhealthy. */
export function countsOf(app: App, instances: Instances | undefined): AppCounts {
  const { staged, running, healthy, unhealthy } = instances === undefined ? NONE : talliesOf(instances);
  const hasChecks = app.healthChecks.length > 0;
  return {
    tasksStaged: staged,
    tasksRunning: running,
    tasksHealthy: hasChecks ? healthy : 0,
    tasksUnhealthy: hasChecks ? unhealthy : 0,
  };
}

export interface Counts {
  staged: number;
  running: number;
  healthy: number;
  unhealthy: number;
}

const NONE: Readonly<Counts> = { staged: 0, running: 0, healthy: 0, unhealthy: 0 };

export function tally(instances: Iterable<Instance>): Counts {
  const counts = { ...NONE };
  for (const { goal, condition, isHealthy } of instances) {
    const state = stateOf(condition);
    if (state === "TASK_RUNNING") {
      counts.running++;
      if (isHealthy === true) counts.healthy++;
      if (isHealthy === false) counts.unhealthy++;
    } else if (state === "TASK_STARTING" || (state === "TASK_STAGING" && goal !== "Stopped")) counts.staged++;
  }
  return counts;
}

const KEPT = new WeakMap<Instances, { readonly revision: number; readonly counts: Counts }>();

function talliesOf(instances: Instances): Counts {
  const { revision } = instances;
  const kept = KEPT.get(instances);
  if (kept?.revision === revision) return kept.counts;
  const counts = tally(instances.values());
  KEPT.set(instances, { revision, counts });
  return counts;
}
