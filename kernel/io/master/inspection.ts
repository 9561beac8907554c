import { jsonAnswer, textAnswer } from "@meseta/lib/io/http/answer.ts";
import type { Handler } from "@meseta/lib/io/http/request.ts";
import type { Routes } from "@meseta/lib/io/http/router.ts";
import { answerHelp } from "../help.ts";
import { ENDPOINTS } from "./help.ts";

const help: Handler = (request) => answerHelp("master", ENDPOINTS, request);

/**
 * What Mesos' library gives about its own process. There is no such library here: one process is shown, nothing waits in it that could be
 * listed, and it is not profiled over HTTP, which is answered as a Mesos does that was built without profilers.
 */
export const inspectionRoutes: Routes = {
  "/help": help,
  "/help/*": help,
  "/__processes__": () => jsonAnswer([{ id: "master", events: [] }]),
  "/profiler/*": () =>
    textAnswer(400, "Profiler is not enabled: run the master with `node --cpu-prof` to see where its time goes"),
  "/memory-profiler/*": () =>
    textAnswer(
      400,
      "Memory profiler is not enabled: run the master with `node --heap-prof` to see where its memory goes",
    ),
};
