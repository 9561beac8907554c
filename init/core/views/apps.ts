import type { App } from "@meseta/api/marathon/app.ts";
import type { Tree } from "@meseta/api/marathon/group.ts";
import { Pieces } from "@meseta/lib/core/pieces.ts";
import { isWithin } from "../definition/path.ts";
import { matches, parseSelector, type Selector } from "../definition/selector.ts";
import type { AppFilter, Query, Reading } from "../query.ts";
import { writeApp, writeTasks } from "./app.ts";
import { type AppEmbed, appEmbedOf, ONE_APP } from "./embed.ts";
import { endpoints } from "./endpoints.ts";
import type { Look } from "./look.ts";
import { notFound, refused } from "./reading.ts";

/** GET /v2/apps. */
export function readApps({ filter, embed }: QueryFor<"apps">, look: Look): Reading {
  const selector = filter.label === undefined ? { value: [] } : parseSelector(filter.label);
  if ("refusal" in selector) return refused(selector.refusal);
  const apps = look.state.tree.apps.values().filter((app) => isWanted(app, filter, selector.value));
  return listOf("apps", apps, appEmbedOf(embed), look);
}

/** GET /v2/apps/{id}. */
export function readApp({ id, embed }: QueryFor<"app">, look: Look): Reading {
  const app = look.state.tree.apps.get(id);
  if (app === undefined) return appNotFound(id);
  const pieces = new Pieces().add(`{"app":`);
  writeApp(pieces, app, appEmbedOf(embed, ONE_APP), look);
  return pieces.add("}").reading();
}

/** GET /v2/apps/{group}/*. */
export function readAppsBelow({ id, embed }: QueryFor<"apps-below">, look: Look): Reading {
  if (!look.state.tree.groups.has(id)) return groupNotFound(id);
  return listOf("*", appsBelow(look.state.tree, id), appEmbedOf(embed, ONE_APP), look);
}

/** GET /v2/apps/{id}/tasks, and of all apps of a group. */
export function readAppTasks({ of, text }: QueryFor<"app-tasks">, look: Look): Reading {
  const { tree } = look.state;
  const show = (apps: Iterable<App>) => (text === undefined ? tasksOf(apps, look) : endpoints(apps, text, look.state));
  if ("group" in of) return tree.groups.has(of.group) ? show(appsBelow(tree, of.group)) : groupNotFound(of.group);
  const app = tree.apps.get(of.app);
  return app === undefined ? appNotFound(of.app) : show([app]);
}

/** GET /v2/groups/{id}/apps: a bare list. */
export function readGroupApps({ id, embed }: QueryFor<"group-apps">, look: Look): Reading {
  if (!look.state.tree.groups.has(id)) return groupNotFound(id);
  const pieces = new Pieces().add("[");
  writeApps(pieces, appsBelow(look.state.tree, id), appEmbedOf(embed), look);
  return pieces.add("]").reading();
}

export type QueryFor<Kind extends Query["kind"]> = Extract<Query, { kind: Kind }>;

export function appNotFound(id: string): Reading {
  return notFound(`App '${id}' does not exist`);
}

export function groupNotFound(id: string): Reading {
  return notFound(`Group '${id}' does not exist`);
}

/** `{"tasks":[…]}` of these apps. */
export function tasksOf(apps: Iterable<App>, look: Look): Reading {
  const pieces = new Pieces().add(`{"tasks":[`);
  const withTasks = [...apps].filter(({ id }) => (look.state.services.get(id)?.instances.size ?? 0) > 0);
  pieces.list(withTasks, (app) => writeTasks(pieces, app, look));
  return pieces.add("]}").reading();
}

function listOf(key: string, apps: Iterable<App>, embed: AppEmbed, look: Look): Reading {
  const pieces = new Pieces().add(`{"${key}":[`);
  writeApps(pieces, apps, embed, look);
  return pieces.add("]}").reading();
}

function writeApps(pieces: Pieces, apps: Iterable<App>, embed: AppEmbed, look: Look): void {
  pieces.list(apps, (app) => writeApp(pieces, app, embed, look));
}

function appsBelow(tree: Tree, group: string): Iterable<App> {
  return tree.apps.values().filter(({ id }) => isWithin(id, group));
}

function isWanted({ id, cmd, labels }: App, filter: AppFilter, selector: Selector): boolean {
  return holds(cmd, filter.cmd) && holds(id, filter.id) && matches(labels, selector);
}

function holds(text: string | undefined, part: string | undefined): boolean {
  return part === undefined || part === "" || (text ?? "").toLowerCase().includes(part.toLowerCase());
}
