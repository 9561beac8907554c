import { jsonAnswer, textAnswer } from "@meseta/lib/io/http/answer.ts";
import type { Handler } from "@meseta/lib/io/http/request.ts";
import type { Routes } from "@meseta/lib/io/http/router.ts";
import { answerHelp, type Endpoints } from "../help.ts";

const help: Handler = (request) => answerHelp("slave(1)", ENDPOINTS, request);

/**
 * What libprocess gives to every process of Mesos: help, the processes themselves, and profilers. This one is one process, of which no
 * events are listed, and it is not profiled over HTTP, which is answered as a Mesos does that was built without profilers.
 */
export const inspectionRoutes: Routes = {
  "/help": help,
  "/help/*": help,
  "/__processes__": () => jsonAnswer([{ id: "slave(1)", events: [] }]),
  "/profiler/*": () =>
    textAnswer(400, "CPU profiler is not enabled: run the agent with `node --cpu-prof` to see where its time goes"),
  "/memory-profiler/*": () =>
    textAnswer(
      400,
      "Memory profiler is not enabled: run the agent with `node --heap-prof` to see where its memory goes",
    ),
};

/** What each endpoint is for; a test holds it against the routes. */
export const ENDPOINTS: Endpoints = {
  "/": "A page with links, for people.",
  "/__processes__": "The process, in the form of libprocess.",
  "/api/v1": "The agent's API: POST a call.",
  "/api/v1/executor": "The executor API: POST a call.",
  "/containers": "What containers use now: container_id.",
  "/docs/errors": "The codes of all errors.",
  "/docs/errors/*": "What an error's code means.",
  "/files/browse": "The files in a folder: path.",
  "/files/debug": "Which paths are shown, and where they are.",
  "/files/download": "A file, whole: path.",
  "/files/read": "A piece of a file: path, offset, length.",
  "/flags": "The settings that the agent was started with.",
  "/health": "200 while the process answers; its body says what does not work.",
  "/help": "This list; format=json for programs.",
  "/logging/toggle": "How much is logged, for a time: level, duration.",
  "/memory-profiler/*": "Not enabled.",
  "/metrics": "All numbers, in the text format of Prometheus.",
  "/metrics/snapshot": "All numbers, as JSON.",
  "/monitor/statistics": "What executors use now.",
  "/profiler/*": "Not enabled.",
  "/state": "Frameworks, executors and tasks, all.",
  "/system/stats.json": "Load and memory of the machine.",
  "/version": "The version.",
};
