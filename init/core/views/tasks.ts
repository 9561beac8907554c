import type { Instance } from "../instance/instance.ts";
import type { Reading } from "../query.ts";
import { servicePortsText } from "./app.ts";
import { type QueryFor, tasksOf } from "./apps.ts";
import { endpoints } from "./endpoints.ts";
import type { Look } from "./look.ts";
import { Pieces } from "./reading.ts";
import { stateOf } from "./task.ts";

/** GET /v2/tasks, all or those that are running or staging. Other words are not looked at, as by Marathon. */
export function readTasks({ states, isText }: QueryFor<"tasks">, look: Look): Reading {
  const apps = look.state.tree.apps.values();
  if (isText) return endpoints(apps, look.state);
  const wanted = new Set(states.flatMap((state) => STATES[state.toLowerCase()] ?? []));
  if (wanted.size === 0) return tasksOf(apps, look);
  const isWanted = ({ condition }: Instance) => wanted.has(stateOf(condition));
  const texts = apps.flatMap((app) => {
    const service = look.state.services.get(app.id);
    if (service === undefined) return [];
    const all = look.shelf.tasksOf(service, servicePortsText(app));
    return service.instances.values().flatMap((instance, i) => (isWanted(instance) ? [all[i]!] : []));
  });
  const pieces = new Pieces().add(`{"tasks":[`);
  return pieces
    .list(texts, (text) => pieces.add(text))
    .add("]}")
    .reading();
}

const STATES: Readonly<Record<string, readonly string[]>> = {
  running: ["TASK_RUNNING"],
  staging: ["TASK_STAGING", "TASK_STARTING"],
};
