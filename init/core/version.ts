import type { RunSpec } from "@meseta/api/marathon/group.ts";
import { type Difference, differenceOf } from "./definition/difference.ts";
import { instancesOf } from "./definition/spec.ts";

/** What going from `before` to `after` asks of the instances. Versions are looked at for one thing: another lastConfigChangeAt is a restart that somebody asked for, or takes back. */
export function changeOf(before: RunSpec, after: RunSpec): Difference {
  if (before === after) return "none";
  const isAskedFor = before.versionInfo.lastConfigChangeAt !== after.versionInfo.lastConfigChangeAt;
  return isAskedFor ? "restart" : differenceOf(before, after);
}

/**
 * The definition with its version, and with versionInfo as the change from `before` (undefined: it is new) makes it: a change of what runs sets both
 * times, a scaling only lastScalingAt, and what no task notices neither, so that instances of the version before count as up to date. Where nothing differs it is the one of before itself.
 */
export function stamp<Spec extends RunSpec>(before: RunSpec | undefined, after: Spec, version: string): Spec {
  if (before === undefined) return stampRestart(after, version);
  switch (differenceOf(before, after)) {
    case "none":
      return before as Spec;
    case "restart":
      return stampRestart(after, version);
    case "scale":
    case "light":
      return { ...after, version, versionInfo: scaledInfo(before, after, version) };
  }
}

/** The definition stamped as changed though nothing in it is: what the restart endpoint asks for. */
export function stampRestart<Spec extends RunSpec>(spec: Spec, version: string): Spec {
  return { ...spec, version, versionInfo: { lastScalingAt: version, lastConfigChangeAt: version } };
}

function scaledInfo(before: RunSpec, after: RunSpec, version: string): RunSpec["versionInfo"] {
  const isScaled = instancesOf(before) !== instancesOf(after);
  return isScaled ? { ...before.versionInfo, lastScalingAt: version } : before.versionInfo;
}
