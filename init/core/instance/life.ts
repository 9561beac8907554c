import type { UnreachableStrategy } from "@meseta/api/marathon/strategy.ts";
import type { TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import { INIT_BOUNDS } from "../bounds.ts";
import { checkClock } from "./clock.ts";
import type { Condition } from "./condition.ts";
import { endLaunch, endUnhealthy, setGoal } from "./goal.ts";
import type { Definition, Goal, Host, Instance, Kept } from "./instance.ts";
import { receiveStatus } from "./status.ts";

/** What can happen to an instance. */
export type InstanceEvent =
  /** It was sent to an agent; `version` and `configVersion` are those of the definition it was launched with. */
  | {
      readonly type: "launched";
      readonly taskIds: readonly string[];
      readonly host: Host;
      readonly hostPorts: readonly (number | null)[];
      readonly version: string;
      readonly configVersion: string;
    }
  /** Resources and volumes were asked for, to be launched on with a later offer. */
  | { readonly type: "reserved"; readonly kept: Omit<Kept, "sinceMs" | "isUsed"> }
  | { readonly type: "status"; readonly status: TaskStatus }
  /** `definition`: the one with which it is to run from now on. */
  | { readonly type: "goal"; readonly goal: Goal; readonly definition?: Definition | undefined }
  /** Somebody wants this launch of it to end; what its goal says then follows. */
  | { readonly type: "kill" }
  /** Its checks failed too often: this launch of it is to end, and the next one waits longer. */
  | { readonly type: "unhealthy" }
  | { readonly type: "health"; readonly isHealthy: boolean | undefined }
  | { readonly type: "ready" }
  /** Time has passed. */
  | { readonly type: "clock" };

/** What follows from it, for others. */
export type InstanceEffect =
  | { readonly type: "changed"; readonly from: Condition; readonly to: Condition }
  /** A launch is over; told before the instance is scheduled again or goes. */
  | { readonly type: "ended"; readonly condition: Condition; readonly status: TaskStatus }
  /** It must go: for the kill service, which asks until it is gone. */
  | { readonly type: "kill"; readonly why: "goal" | "asked" | "timeout" }
  /** A task that is none of its present ones: it is to be killed by its own id. */
  | { readonly type: "kill-task"; readonly status: TaskStatus }
  /** It waits for a launch again. */
  | { readonly type: "queue" }
  /** It does not wait for a launch any more. */
  | { readonly type: "unqueue" }
  /** The next launch waits longer; or the wait's clock starts again; or the wait is over, because only the agent drained. */
  | { readonly type: "delay"; readonly change: "raise" | "touch" | "clear" }
  /** What was kept for it is nobody's now, and to be given back when an offer shows it. */
  | { readonly type: "release"; readonly kept: Kept };

/** The instance after it, undefined when its record is to go, and what follows. */
export interface Outcome {
  readonly instance: Instance | undefined;
  readonly effects: readonly InstanceEffect[];
}

export interface LifeSettings {
  readonly unreachable: UnreachableStrategy;
  /** Longest time from the launch to the first word of it. */
  readonly confirmTimeoutMs: number;
  /** Longest time in Staging or Starting. */
  readonly launchTimeoutMs: number;
  /** Longest time from the reservation to the launch on it. */
  readonly reservationTimeoutMs: number;
}

/** Marathon's times. */
export const TIMEOUTS = {
  confirmTimeoutMs: INIT_BOUNDS.confirmMs.most,
  launchTimeoutMs: INIT_BOUNDS.launchMs.most,
  reservationTimeoutMs: INIT_BOUNDS.reservationMs.most,
} as const;

/** The life of one instance: what an event makes of it. What an instance does not care for changes nothing, so events may come twice. */
export function applyToInstance(
  instance: Instance,
  event: InstanceEvent,
  settings: LifeSettings,
  nowMs: number,
): Outcome {
  switch (event.type) {
    case "launched":
      return launch(instance, event, nowMs);
    case "reserved":
      return { instance: { ...instance, kept: { ...event.kept, sinceMs: nowMs, isUsed: false } }, effects: [] };
    case "status":
      return receiveStatus(instance, event.status, nowMs);
    case "goal":
      return setGoal(instance, event.goal, nowMs, event.definition);
    case "kill":
      return endLaunch(instance);
    case "unhealthy":
      return endUnhealthy(instance);
    case "health":
      return { instance: { ...instance, isHealthy: event.isHealthy }, effects: [] };
    case "ready":
      return { instance: { ...instance, isReady: true }, effects: [] };
    case "clock":
      return checkClock(instance, settings, nowMs);
  }
}

function launch(instance: Instance, event: Extract<InstanceEvent, { type: "launched" }>, nowMs: number): Outcome {
  const { taskIds, host, hostPorts, version, configVersion } = event;
  const launched: Instance = {
    ...instance,
    version,
    configVersion,
    host,
    hostPorts,
    condition: "Provisioned",
    sinceMs: nowMs,
    stagedAtMs: nowMs,
    tasks: Object.fromEntries(taskIds.map((id) => [id, { condition: "Provisioned" as const }])),
  };
  return {
    instance: launched,
    effects: [
      { type: "changed", from: instance.condition, to: "Provisioned" },
      { type: "delay", change: "touch" },
    ],
  };
}
