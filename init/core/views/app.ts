import type { App } from "@meseta/api/marathon/app.ts";
import type { Pieces } from "@meseta/lib/core/pieces.ts";
import { appToJson } from "../definition/output.ts";
import { servicePortsOf } from "../definition/service-ports.ts";
import { readinessResultsOf } from "../health/readiness.ts";
import { countsText } from "./counts.ts";
import type { AppEmbed } from "./embed.ts";
import type { Look } from "./look.ts";
import { taskStatsOf } from "./task-stats.ts";

/** Writes an app with what is embedded. Counts and deployments always are: clients index them without looking. */
export function writeApp(pieces: Pieces, app: App, embed: AppEmbed, look: Look): void {
  const service = look.state.services.get(app.id);
  const counts = countsText(app, service?.instances);
  pieces.later(() => definitionText(app)).add(`,${counts},"deployments":${look.deploymentsOf(app.id)}`);
  if (embed.tasks) writeTasks(pieces.add(`,"tasks":[`), app, look).add("]");
  if (embed.lastTaskFailure && service?.lastFailure)
    pieces.add(`,"lastTaskFailure":${JSON.stringify(service.lastFailure)}`);
  if (embed.readiness) pieces.add(`,"readinessCheckResults":${JSON.stringify(readinessResultsOf(look.state, app))}`);
  if (embed.taskStats) {
    const stats = JSON.stringify(taskStatsOf(app, service?.instances.values() ?? [], look.nowMs));
    // Marathon says tasksStats; its documentation and every client say taskStats, and marathon-python fails on the other.
    pieces.add(`,"taskStats":${stats}`);
  }
  pieces.add("}");
}

/** Writes the tasks of an app with commas between them. */
export function writeTasks(pieces: Pieces, app: App, look: Look): Pieces {
  const service = look.state.services.get(app.id);
  if (service === undefined) return pieces;
  const tasks = look.shelf.tasksOf(service, servicePortsText(app));
  return pieces.laterList(() => tasks.texts());
}

/** The app alone, as one version of it is shown. */
export function appText(app: App): string {
  return `${definitionText(app)}}`;
}

/** Its service ports as JSON. */
export function servicePortsText(app: App): string {
  return textsOf(app).servicePorts;
}

// Without its last brace, for what follows.
function definitionText(app: App): string {
  const texts = textsOf(app);
  return (texts.definition ??= JSON.stringify(appToJson(app)).slice(0, -1));
}

interface Texts {
  readonly servicePorts: string;
  definition?: string;
}

const TEXTS = new WeakMap<App, Texts>();

function textsOf(app: App): Texts {
  let texts = TEXTS.get(app);
  if (texts === undefined) TEXTS.set(app, (texts = { servicePorts: JSON.stringify(servicePortsOf(app)) }));
  return texts;
}
