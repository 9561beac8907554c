import type { App } from "@meseta/api/marathon/app.ts";
import { Pieces } from "@meseta/lib/core/pieces.ts";
import type { Reading } from "../query.ts";
import { servicePortsText } from "./app.ts";
import { type QueryFor, tasksOf } from "./apps.ts";
import { endpoints } from "./endpoints.ts";
import type { Look } from "./look.ts";
import { stateOf } from "./task.ts";

/** GET /v2/tasks, all or those that are running or staging. Other words are not looked at, as by Marathon. */
export function readTasks({ states, text }: QueryFor<"tasks">, look: Look): Reading {
  const apps = look.state.tree.apps.values();
  if (text !== undefined) return endpoints(apps, text, look.state);
  const wanted = new Set(states.flatMap((state) => STATES[state.toLowerCase()] ?? []));
  if (wanted.size === 0) return tasksOf(apps, look);
  const pieces = new Pieces().add(`{"tasks":[`);
  pieces.list(
    apps.flatMap((app) => chosen(app, wanted, look)),
    (texts) => pieces.laterList(texts),
  );
  return pieces.add("]}").reading();
}

/** The texts of those of the app's tasks that have one of the states; nothing when there is none. */
function chosen(app: App, states: ReadonlySet<string>, { state, shelf }: Look): (() => Iterable<string>)[] {
  const service = state.services.get(app.id);
  if (service === undefined) return [];
  const tasks = shelf.tasksOf(service, servicePortsText(app));
  const isWanted = [...tasks.instances].map(({ condition }) => states.has(stateOf(condition)));
  return isWanted.includes(true) ? [() => Iterator.from(tasks.texts()).filter((_, i) => isWanted[i]!)] : [];
}

const STATES: Readonly<Record<string, readonly string[]>> = {
  running: ["TASK_RUNNING"],
  staging: ["TASK_STAGING", "TASK_STARTING"],
};
