import type { App } from "@meseta/api/marathon/app.ts";
import { nearest } from "@meseta/lib/core/nearest.ts";

/** What cannot be right about the name of a field of apps, or undefined. Init passes over names that it does not know, so a slip would look like a success. */
export function unknownField(name: string): string | undefined {
  if (Object.hasOwn(FIELDS, name)) return undefined;
  const meant = nearest(name, Object.keys(FIELDS));
  return meant === undefined ? "apps have no such field" : `did you mean ${meant}?`;
}

/** All that an app may say, and the older forms that init still takes. */
const FIELDS: Readonly<Record<Exclude<keyof App, "versionInfo"> | "ports" | "uris" | "ipAddress", true>> = {
  id: true,
  cmd: true,
  args: true,
  user: true,
  env: true,
  instances: true,
  cpus: true,
  mem: true,
  disk: true,
  gpus: true,
  resourceLimits: true,
  executor: true,
  executorResources: true,
  constraints: true,
  acceptedResourceRoles: true,
  fetch: true,
  requirePorts: true,
  backoffSeconds: true,
  backoffFactor: true,
  maxLaunchDelaySeconds: true,
  container: true,
  healthChecks: true,
  check: true,
  readinessChecks: true,
  taskKillGracePeriodSeconds: true,
  dependencies: true,
  upgradeStrategy: true,
  labels: true,
  networks: true,
  portDefinitions: true,
  residency: true,
  role: true,
  secrets: true,
  unreachableStrategy: true,
  killSelection: true,
  tty: true,
  autoscale: true,
  version: true,
  ports: true,
  uris: true,
  ipAddress: true,
};
