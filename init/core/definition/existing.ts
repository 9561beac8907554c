import type { Refusal } from "@meseta/api/json-body/outcome.ts";
import type { Tree } from "@meseta/api/marathon/group.ts";

/** Why a POST cannot make an app, pod or group at this path: it is there already. What else stands in its way, `editTree` says. Texts as Marathon's. */
export function existing(tree: Tree, kind: "app" | "pod" | "group", id: string): Refusal | undefined {
  const message = messageOf(tree, kind, id);
  return message === undefined ? undefined : { status: 409, body: { message } };
}

function messageOf({ apps, pods, groups }: Tree, kind: "app" | "pod" | "group", id: string): string | undefined {
  if (kind === "app") return apps.has(id) ? `An app with id [${id}] already exists.` : undefined;
  if (kind === "pod") return pods.has(id) ? `Pod "${id}" already exists` : undefined;
  if (groups.has(id)) return `Group ${id} is already created. Use PUT to change this group.`;
  return apps.has(id) ? `An app with the path ${id} already exists.` : undefined;
}
