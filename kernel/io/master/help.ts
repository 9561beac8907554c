import { type Answer, jsonAnswer, notFound } from "@meseta/lib/io/http/answer.ts";
import type { Request } from "@meseta/lib/io/http/request.ts";

/** GET /help, /help/PATH: the endpoints, one a line; with `format=json` in the form of Mesos. All but the v1 APIs stand below /master as well. */
export function answerHelp({ path, query }: Request): Answer {
  const wanted = path.slice("/help".length).replace(/^\/master(?=\/|$)/, "");
  const found = Object.entries(ENDPOINTS).filter(
    ([name]) => wanted === "" || wanted === "/" || name === wanted || name.startsWith(`${wanted}/`),
  );
  if (found.length === 0) return notFound;
  if (query.get("format") === "json")
    return jsonAnswer({ processes: [{ id: "master", endpoints: found.map(inJson) }] });
  const width = Math.max(...found.map(([name]) => name.length));
  const lines = found.map(([name, words]) => `${name.padEnd(width)}  ${words}\n`);
  return { status: 200, headers: { "Content-Type": "text/plain; charset=utf-8" }, body: lines.join("") };
}

function inJson([name, words]: [string, string]): object {
  return { name, text: `### USAGE ###\n>        ${name}\n\n### TL;DR; ###\n${words}\n` };
}

/** What each endpoint is for; a test holds it against the routes. */
export const ENDPOINTS: Readonly<Record<string, string>> = {
  "/": "A page with links, for people.",
  "/__processes__": "The process, in the form of libprocess.",
  "/allocator/offer_constraints_debug": "Which agents the frameworks' own offer constraints exclude.",
  "/api/v1": "The operator API: POST a call.",
  "/api/v1/agent-link": "Where agents subscribe.",
  "/api/v1/scheduler": "The scheduler API: POST a call.",
  "/create-volumes": "Creates volumes on reserved disk: POST slaveId, volumes.",
  "/destroy-volumes": "Destroys volumes: POST slaveId, volumes.",
  "/docs/errors/*": "What an error's code means.",
  "/explain": "Why a framework got no offer: framework_id, agents.",
  "/files/browse": "The files in a folder: path.",
  "/files/debug": "Which paths are shown, and where they are.",
  "/files/download": "A file, whole: path.",
  "/files/read": "A piece of a file: path, offset, length.",
  "/flags": "The settings that the master was started with.",
  "/frameworks": "The frameworks, those that are over too: framework_id.",
  "/health": "200 while the process answers.",
  "/help": "This list; format=json for programs.",
  "/logging/toggle": "How much is logged, for a time: level, duration.",
  "/machine/down": "Takes machines down that are in the maintenance schedule: POST a list.",
  "/machine/up": "Takes machines back: POST a list.",
  "/maintenance/schedule": "When machines are to be maintained; POST sets it.",
  "/maintenance/status": "Which machines drain and which are down.",
  "/memory-profiler/*": "Not enabled.",
  "/metrics": "All numbers, in the text format of Prometheus.",
  "/metrics/snapshot": "All numbers, as JSON.",
  "/profiler/*": "Not enabled.",
  "/quota": "Guarantees and limits of roles; POST sets one.",
  "/quota/*": "DELETE removes a role's quota.",
  "/redirect": "307 to the leading master.",
  "/registrar(1)/registry": "What is durable of the cluster, in the form of Mesos' registry.",
  "/reserve": "Reserves resources: POST slaveId, resources.",
  "/roles": "The roles with their frameworks and resources.",
  "/slaves": "The agents with whole resources: slave_id.",
  "/state": "Agents, frameworks and tasks, all.",
  "/state-summary": "Agents and frameworks with counts of their tasks.",
  "/state.json": "As /state.",
  "/system/stats.json": "Load and memory of the machine.",
  "/tasks": "Tasks, some at a time: limit, offset, order, framework_id, task_id.",
  "/teardown": "Ends a framework and all its tasks: POST frameworkId.",
  "/unreserve": "Frees reserved resources: POST slaveId, resources.",
  "/version": "The version.",
  "/weights": "The weights of roles; PUT changes them.",
};
