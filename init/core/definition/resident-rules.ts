import type { App } from "@meseta/api/marathon/app.ts";
import type { Pod } from "@meseta/api/marathon/pod.ts";
import type { AppDraft } from "./app-defaults.ts";
import { isSame } from "./difference.ts";
import type { PodDraft } from "./pod-defaults.ts";
import { must, type Rule } from "./rule.ts";
import { isResident, persistentVolumesOf } from "./spec.ts";

const RESOURCES =
  "Services with persistent volumes configured may not change resource requirements. If you need to make this change, please create a new service.";
const HOST_PORTS =
  "Services with persistent volumes configured may not change host ports. If you need to make this change, please create a new service.";

/** What an update of an app with persistent volumes may not change: its instances come back to what they reserved. Source: Marathon. */
export function residentAppRules(old: App): Rule<AppDraft> {
  return (app, settings) => {
    if (!isResident(old) && !isResident(app)) return [];
    return appRules(old).flatMap((rule) => rule(app, settings));
  };
}

function appRules(old: App): readonly Rule<AppDraft>[] {
  return [
    must("", "Persistent volumes can not be changed!", (app) => isSame(volumes(app), volumes(old))),
    ...(["cpus", "mem", "disk", "gpus", "requirePorts"] as const).map((name) =>
      must<AppDraft>(`/${name}`, RESOURCES, (app) => app[name] === old[name]),
    ),
    must("", HOST_PORTS, (app) => isSame(hostPortsOf(app), hostPortsOf(old))),
  ];
}

export function residentPodRules(old: Pod): Rule<PodDraft> {
  return (pod, settings) => {
    if (!isResident(old) && !isResident(pod)) return [];
    return podRules(old).flatMap((rule) => rule(pod, settings));
  };
}

function podRules(old: Pod): readonly Rule<PodDraft>[] {
  return [
    must("", "persistent volumes cannot be updated", (pod) => isSame(podVolumes(pod), podVolumes(old))),
    ...(["cpus", "mem", "disk", "gpus"] as const).map((name) =>
      must<PodDraft>(
        "",
        `${name} cannot be updated if a pod has persistent volumes`,
        (pod) => sum(pod, name) === sum(old, name),
      ),
    ),
    must("", "host ports cannot be updated if a pod has persistent volumes", (pod) =>
      isSame(podPorts(pod), podPorts(old)),
    ),
  ];
}

function volumes({ container }: AppDraft) {
  return sorted(
    (container?.volumes ?? []).filter(({ persistent }) => persistent !== undefined),
    "containerPath",
  );
}

function podVolumes({ volumes }: PodDraft) {
  return sorted(
    volumes.filter((volume) => persistentVolumesOf({ volumes: [volume] }).length > 0),
    "name",
  );
}

function sorted<T>(list: readonly T[], key: keyof T): T[] {
  return [...list].sort((a, b) => (a[key] < b[key] ? -1 : 1));
}

// On host networking a port is one of the host's only when it is required.
function hostPortsOf({ container, portDefinitions, requirePorts }: AppDraft): number[] {
  const mapped = (container?.portMappings ?? []).flatMap(({ hostPort }) => hostPort ?? []);
  return [...mapped, ...portDefinitions.map(({ port }) => (requirePorts ? port : 0))].sort((a, b) => a - b);
}

function podPorts({ containers }: PodDraft): number[] {
  const ports = containers.flatMap(({ endpoints }) => endpoints.flatMap(({ hostPort }) => hostPort ?? []));
  return ports.sort((a, b) => a - b);
}

function sum({ containers }: PodDraft, name: "cpus" | "mem" | "disk" | "gpus"): number {
  return containers.reduce((total, { resources }) => total + resources[name], 0);
}
