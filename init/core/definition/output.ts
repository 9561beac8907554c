import type { App } from "@meseta/api/marathon/app.ts";
import type { Tree } from "@meseta/api/marathon/group.ts";
import type { Network } from "@meseta/api/marathon/network.ts";
import type { Pod } from "@meseta/api/marathon/pod.ts";
import { isHost } from "./app-defaults.ts";
import { isWithin, parentOf } from "./path.ts";
import type { Json } from "./read.ts";

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

/** What of a group is shown; all of it unless said. */
export interface GroupEmbed {
  readonly apps?: boolean;
  readonly pods?: boolean;
  readonly groups?: boolean;
}

/** A group with all below it, nested. `showApp` may add to each app what is embedded. The tree is walked without a stack, so that depth does not matter. */
export function groupToJson(
  tree: Tree,
  id: string,
  embed: GroupEmbed = { apps: true, pods: true, groups: true },
  showApp: (app: App) => Json = appToJson,
): Json | undefined {
  const shown = groupShells(tree, id, embed.groups === true);
  const put = <T extends { id: string }>(key: string, things: Iterable<T>, show: (thing: T) => Json) => {
    for (const thing of things) (shown.get(parentOf(thing.id))?.[key] as Json[] | undefined)?.push(show(thing));
  };
  if (embed.apps) put("apps", tree.apps.values(), showApp);
  if (embed.pods) put("pods", tree.pods.values(), podToJson);
  return shown.get(id);
}

type Shell = Record<string, unknown>;

function groupShells(tree: Tree, root: string, isDeep: boolean): Map<string, Shell> {
  const shells = new Map<string, Shell>();
  for (const { id, dependencies, version, enforceRole } of tree.groups.values()) {
    if (id !== root && !(isDeep && isWithin(id, root))) continue;
    const role = enforceRole === undefined ? {} : { enforceRole };
    shells.set(id, { id, apps: [], pods: [], groups: [], dependencies, version, ...role });
  }
  for (const [id, shell] of shells) if (id !== root) (shells.get(parentOf(id))!["groups"] as Shell[]).push(shell);
  return shells;
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) ? value.length === 0 : Object.keys(value as object).length === 0;
}
