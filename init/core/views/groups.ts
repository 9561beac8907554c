import type { App } from "@meseta/api/marathon/app.ts";
import type { Group, Tree } from "@meseta/api/marathon/group.ts";
import type { Pod } from "@meseta/api/marathon/pod.ts";
import { Pieces } from "@meseta/lib/core/pieces.ts";
import { podToJson } from "../definition/output.ts";
import { isWithin, parentOf } from "../definition/path.ts";
import type { Reading } from "../query.ts";
import { writeApp } from "./app.ts";
import { groupNotFound, type QueryFor } from "./apps.ts";
import { appEmbedOf } from "./embed.ts";
import type { Look } from "./look.ts";

/** What of a group is shown. */
interface GroupEmbed {
  readonly apps: boolean;
  readonly pods: boolean;
  readonly groups: boolean;
}

/** GET /v2/groups/{id}. */
export function readGroup({ id, embed }: QueryFor<"group">, look: Look): Reading {
  if (!look.state.tree.groups.has(id)) return groupNotFound(id);
  const pieces = new Pieces();
  const appEmbed = appEmbedOf(embed);
  writeGroup(pieces, look.state.tree, id, (app) => writeApp(pieces, app, appEmbed, look), groupEmbedOf(embed));
  return pieces.reading();
}

/** Writes a group with all below it. The tree is walked without a stack, so that depth does not matter; `showApp` writes an app. */
export function writeGroup(
  pieces: Pieces,
  tree: Tree,
  id: string,
  showApp: (app: App) => void,
  embed: GroupEmbed = ALL,
): void {
  const below = gather(tree, id, embed);
  const open: { group: Group; left: Group[] }[] = [];
  const begin = (group: Group) => {
    pieces.add(`{"id":${JSON.stringify(group.id)},"apps":[`).list(below.apps.get(group.id) ?? [], showApp);
    pieces.add(`],"pods":[`).list(below.pods.get(group.id) ?? [], (pod) => pieces.later(() => podText(pod)));
    pieces.add(`],"groups":[`);
    open.push({ group, left: (below.groups.get(group.id) ?? []).toReversed() });
  };
  begin(tree.groups.get(id)!);
  for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
    const next = last.left.pop();
    if (next !== undefined) begin(next);
    else {
      pieces.add(endOf(last.group));
      open.pop();
      if (open.at(-1)?.left.length) pieces.add(",");
    }
  }
}

export function podText(pod: Pod): string {
  let text = PODS.get(pod);
  if (text === undefined) PODS.set(pod, (text = JSON.stringify(podToJson(pod))));
  return text;
}

const PODS = new WeakMap<Pod, string>();
const ALL: GroupEmbed = { apps: true, pods: true, groups: true };

/** All three unless one of them is named. */
function groupEmbedOf(values: readonly string[]): GroupEmbed {
  const has = (name: string) => values.includes(`group.${name}`);
  const embed = { apps: has("apps"), pods: has("pods"), groups: has("groups") };
  return embed.apps || embed.pods || embed.groups ? embed : ALL;
}

interface Below {
  readonly apps: ReadonlyMap<string, readonly App[]>;
  readonly pods: ReadonlyMap<string, readonly Pod[]>;
  readonly groups: ReadonlyMap<string, readonly Group[]>;
}

// What stands in each group, by the group's id.
function gather(tree: Tree, root: string, embed: GroupEmbed): Below {
  const inside = <T extends { readonly id: string }>(all: ReadonlyMap<string, T>, isShown: boolean) =>
    Map.groupBy(isShown ? all.values().filter(({ id }) => id !== root && isWithin(id, root)) : [], ({ id }) =>
      parentOf(id),
    );
  return {
    apps: inside(tree.apps, embed.apps),
    pods: inside(tree.pods, embed.pods),
    groups: inside(tree.groups, embed.groups),
  };
}

function endOf({ dependencies, version, enforceRole }: Group): string {
  // Only where it is so: marathon-python fails on a group that says it.
  const role = enforceRole === true ? `,"enforceRole":true` : "";
  return `],"dependencies":${JSON.stringify(dependencies)},"version":${JSON.stringify(version)}${role}}`;
}
