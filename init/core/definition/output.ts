import type { Json } from "@meseta/api/json-body/read.ts";
import type { App } from "@meseta/api/marathon/app.ts";
import type { Network } from "@meseta/api/marathon/network.ts";
import type { Pod } from "@meseta/api/marathon/pod.ts";
import { isHost } from "./app-defaults.ts";

/**
 * An app as clients read it; counts, deployments and tasks are put beside it by whoever knows them. What is not set, or is empty and left out, is
 * undefined, which JSON has not: never null, since load balancers index without looking.
 */
export function appToJson(app: App): Json {
  const { networks, portDefinitions, container } = app;
  return {
    ...app,
    args: filled(app.args),
    env: filled(app.env),
    constraints: filled(app.constraints),
    fetch: filled(app.fetch),
    container: container && containerToJson(container, networks),
    healthChecks: filled(app.healthChecks),
    readinessChecks: filled(app.readinessChecks),
    dependencies: filled(app.dependencies),
    networks: networks.map(networkToJson),
    portDefinitions: isHost(networks) ? portDefinitions : undefined,
    secrets: filled(app.secrets),
  };
}

/** A pod as clients read it. */
export function podToJson({ versionInfo, ...pod }: Pod): Json {
  return { ...pod, networks: pod.networks.map(networkToJson) };
}

// A network without labels is shown without the word.
function networkToJson({ labels, ...network }: Network): Json {
  return Object.keys(labels).length === 0 ? network : { ...network, labels };
}

function containerToJson({ portMappings, ...rest }: NonNullable<App["container"]>, networks: App["networks"]): Json {
  return isHost(networks) ? rest : { ...rest, portMappings };
}

function filled<T extends object>(value: T): T | undefined {
  for (const _ in value) return value;
  return undefined;
}
