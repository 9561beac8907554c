import type { VersionInfo } from "@meseta/api/mesos/generated/mesos.ts";

/** GET_VERSION and /version. Nothing is built: the date is that of the release. */
export function versionOf(version: string): VersionInfo {
  return { version, build_date: "2026-11-21 00:00:00 UTC", build_time: 1795219200, build_user: "" };
}
