import type { Json } from "@meseta/api/json-body/read.ts";
import type { App } from "@meseta/api/marathon/app.ts";
import type { Network } from "@meseta/api/marathon/network.ts";
import type { Pod } from "@meseta/api/marathon/pod.ts";
import { isHost } from "./app-defaults.ts";

/** Left out when they are empty; what is not set is left out anyway, and never null: load balancers index without looking. */
const LEFT_OUT_EMPTY: ReadonlySet<string> = new Set([
  "args",
  "constraints",
  "dependencies",
  "env",
  "fetch",
  "healthChecks",
  "readinessChecks",
  "secrets",
]);

/** An app as clients read it; counts, deployments and tasks are put beside it by whoever knows them. */
export function appToJson(app: App): Json {
  const shown: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(app)) {
    if (value === undefined || (LEFT_OUT_EMPTY.has(field) && isEmpty(value))) continue;
    if (field === "portDefinitions" && !isHost(app.networks)) continue;
    shown[field] = field === "container" ? containerToJson(app) : value;
  }
  return { ...shown, networks: app.networks.map(networkToJson) };
}

/** A pod as clients read it. */
export function podToJson({ versionInfo, ...pod }: Pod): Json {
  return { ...pod, networks: pod.networks.map(networkToJson) };
}

// A network without labels is shown without the word.
function networkToJson({ labels, ...network }: Network): Json {
  return Object.keys(labels).length === 0 ? network : { ...network, labels };
}

function containerToJson({ container, networks }: App): Json {
  const { portMappings, ...rest } = container!;
  return isHost(networks) ? rest : { ...rest, portMappings };
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) ? value.length === 0 : Object.keys(value as object).length === 0;
}
