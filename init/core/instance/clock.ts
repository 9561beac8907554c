import { remove } from "./goal.ts";
import type { Instance } from "./instance.ts";
import type { InstanceEffect, LifeSettings, Outcome } from "./life.ts";

/** What is due for the instance at this time. */
export function checkClock(instance: Instance, settings: LifeSettings, nowMs: number): Outcome {
  const dueMs = deadlineOf(instance, settings);
  if (dueMs === undefined || nowMs < dueMs) return { instance, effects: [] };
  switch (instance.condition) {
    case "Unreachable":
    case "UnreachableInactive":
      return giveUp(instance, settings, nowMs);
    case "Scheduled":
      return { instance: { ...instance, kept: undefined }, effects: [{ type: "release", kept: instance.kept! }] };
    default:
      return { instance, effects: [{ type: "kill", why: "timeout" }] };
  }
}

/** When the clock next matters for the instance, in ms since 1970; undefined when it waits for no time. */
export function deadlineOf(instance: Instance, settings: LifeSettings): number | undefined {
  switch (instance.condition) {
    case "Scheduled":
      return instance.kept?.isUsed === false ? instance.kept.sinceMs + settings.reservationTimeoutMs : undefined;
    case "Provisioned":
      return instance.sinceMs + settings.confirmTimeoutMs;
    case "Staging":
    case "Starting":
      return (instance.stagedAtMs ?? instance.sinceMs) + settings.launchTimeoutMs;
    case "Unreachable":
      return lossDeadline(instance, settings, "inactiveAfterSeconds");
    case "UnreachableInactive":
      return lossDeadline(instance, settings, "expungeAfterSeconds");
    default:
      return undefined;
  }
}

function lossDeadline(
  { unreachableSinceMs, sinceMs }: Instance,
  { unreachable }: LifeSettings,
  which: "inactiveAfterSeconds" | "expungeAfterSeconds",
): number | undefined {
  return unreachable === "disabled" ? undefined : (unreachableSinceMs ?? sinceMs) + unreachable[which] * 1000;
}

// Past both times at once it goes at once: so an equal pair frees its place for UNIQUE and GROUP_BY in one step.
function giveUp(instance: Instance, settings: LifeSettings, nowMs: number): Outcome {
  const expungeMs = lossDeadline(instance, settings, "expungeAfterSeconds");
  if (expungeMs !== undefined && nowMs >= expungeMs) return remove(instance);
  const changed: InstanceEffect = { type: "changed", from: instance.condition, to: "UnreachableInactive" };
  return { instance: { ...instance, condition: "UnreachableInactive", sinceMs: nowMs }, effects: [changed] };
}
