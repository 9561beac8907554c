import type { RunSpec } from "@meseta/api/marathon/group.ts";
import { instancesOf, isPod } from "./definition/spec.ts";

/** How a definition differs from the one before: in nothing; in the number of instances; in what no running task notices; or so that instances are replaced. */
export type Change = "none" | "scale" | "light" | "restart";

/** How `after` differs from `before`. Versions are looked at for one thing: a newer lastConfigChangeAt is a restart that somebody asked for. */
export function changeOf(before: RunSpec, after: RunSpec): Change {
  if (before === after) return "none";
  if (before.versionInfo.lastConfigChangeAt < after.versionInfo.lastConfigChangeAt) return "restart";
  return contentChange(before, after);
}

/**
 * The definition with its version, and with versionInfo as the change from `before` (undefined: it is new) makes it: a change of what runs sets both
 * times, a scaling only lastScalingAt, and what no task notices neither, so that instances of the version before count as up to date.
 */
export function stamp<Spec extends RunSpec>(before: RunSpec | undefined, after: Spec, version: string): Spec {
  const change = before === undefined ? "restart" : contentChange(before, after);
  if (change === "none") return { ...after, version: before!.version, versionInfo: before!.versionInfo };
  if (change === "restart")
    return { ...after, version, versionInfo: { lastScalingAt: version, lastConfigChangeAt: version } };
  const { lastConfigChangeAt, lastScalingAt } = before!.versionInfo;
  const isScaled = instancesOf(before!) !== instancesOf(after);
  return { ...after, version, versionInfo: { lastConfigChangeAt, lastScalingAt: isScaled ? version : lastScalingAt } };
}

/** The definition stamped as changed though nothing in it is: what the restart endpoint asks for. */
export function stampRestart<Spec extends RunSpec>(spec: Spec, version: string): Spec {
  return { ...spec, version, versionInfo: { lastScalingAt: version, lastConfigChangeAt: version } };
}

/** Fields by whose change alone nothing is restarted. Marathon restarts all instances for a label; here the tasks keep the old one until they are replaced. */
const LIGHT: ReadonlySet<string> = new Set(["labels"]);

const NOT_CONTENT: ReadonlySet<string> = new Set(["version", "versionInfo"]);

function contentChange(before: RunSpec, after: RunSpec): Change {
  if (isPod(before) !== isPod(after)) return "restart";
  let change: Change = "none";
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (NOT_CONTENT.has(field) || sameIn(field, before, after)) continue;
    if (isScaling(field, before, after)) change = change === "light" ? "light" : "scale";
    else if (LIGHT.has(field)) change = "light";
    else return "restart";
  }
  return change;
}

function sameIn(field: string, before: RunSpec, after: RunSpec): boolean {
  return same(before[field as keyof RunSpec], after[field as keyof RunSpec]);
}

// A pod's bound on its own scaling restarts nothing either.
function isScaling(field: string, before: RunSpec, after: RunSpec): boolean {
  return isPod(before) ? field === "scaling" && isPod(after) : field === "instances";
}

/** Whether two plain values are the same, whatever the order of their keys; a field that is undefined is as good as absent. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  for (const key of keys) if (!same(left[key], right[key])) return false;
  return true;
}
