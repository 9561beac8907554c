import type { Deployment } from "../deployment.ts";
import type { Instance } from "../instance/instance.ts";

/** The instance with nothing of it after `nowMs`: the clock was set back since it was stored, and what began in the future would be waited for too long. */
export function instanceUntil(instance: Instance, nowMs: number): Instance {
  const { sinceMs, createdMs, startedAtMs, stagedAtMs, unreachableSinceMs, kept } = instance;
  const times = [sinceMs, createdMs, startedAtMs, stagedAtMs, unreachableSinceMs, kept?.sinceMs];
  if (times.every((atMs) => atMs === undefined || atMs <= nowMs)) return instance;
  return {
    ...instance,
    sinceMs: Math.min(sinceMs, nowMs),
    createdMs: Math.min(createdMs, nowMs),
    startedAtMs: before(startedAtMs, nowMs),
    stagedAtMs: before(stagedAtMs, nowMs),
    unreachableSinceMs: before(unreachableSinceMs, nowMs),
    kept: kept && { ...kept, sinceMs: Math.min(kept.sinceMs, nowMs) },
  };
}

/** The same of a deployment; it keeps the time that it was given. */
export function deploymentUntil(deployment: Deployment, nowMs: number): Deployment {
  const { startedMs, deadlineMs, begun } = deployment;
  const scalings = Object.entries(begun);
  if (startedMs <= nowMs && scalings.every(([, { atMs }]) => atMs <= nowMs)) return deployment;
  const aheadMs = Math.max(0, startedMs - nowMs);
  return {
    ...deployment,
    startedMs: startedMs - aheadMs,
    deadlineMs: deadlineMs === undefined ? undefined : deadlineMs - aheadMs,
    begun: Object.fromEntries(scalings.map(([id, begin]) => [id, { ...begin, atMs: Math.min(begin.atMs, nowMs) }])),
  };
}

function before(atMs: number | undefined, nowMs: number): number | undefined {
  return atMs === undefined ? undefined : Math.min(atMs, nowMs);
}
