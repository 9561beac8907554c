import type { App, AppCounts } from "@meseta/api/marathon/app.ts";
import type { Instance } from "../instance/instance.ts";
import type { Instances } from "../instance/instances.ts";
import { stateOf } from "./task.ts";

/** How many of an app's tasks are how far, as JSON without braces. Without health checks none is healthy or unhealthy. */
export function countsText(app: App, instances: Instances | undefined): string {
  const kept = instances === undefined ? NOTHING : keptOf(instances);
  return app.healthChecks.length > 0 ? kept.checked : kept.unchecked;
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

interface Kept {
  readonly revision: number;
  readonly checked: string;
  readonly unchecked: string;
}

const KEPT = new WeakMap<Instances, Kept>();

function keptOf(instances: Instances): Kept {
  const { revision } = instances;
  const kept = KEPT.get(instances);
  if (kept?.revision === revision) return kept;
  const made = make(revision, tally(instances.values()));
  KEPT.set(instances, made);
  return made;
}

function make(revision: number, counts: Counts): Kept {
  return { revision, checked: textOf(counts), unchecked: textOf({ ...counts, healthy: 0, unhealthy: 0 }) };
}

function textOf({ staged, running, healthy, unhealthy }: Counts): string {
  const counts: AppCounts = {
    tasksStaged: staged,
    tasksRunning: running,
    tasksHealthy: healthy,
    tasksUnhealthy: unhealthy,
  };
  return JSON.stringify(counts).slice(1, -1);
}

const NOTHING = make(0, NONE);
