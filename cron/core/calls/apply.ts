import type { Call } from "../call.ts";
import type { RequestId } from "../event.ts";
import type { Answer, CronOut } from "../out.ts";
import type { CronState } from "../state.ts";
import type { Asking } from "./asking.ts";
import * as chronos from "./chronos.ts";
import * as tasks from "./chronos-tasks.ts";
import * as jobs from "./jobs.ts";
import * as runs from "./runs.ts";
import * as schedules from "./schedules.ts";

/** Does what a client asks for, and answers it. What is refused changes nothing. Source: Chronos' and Metronome's REST APIs. */
export function applyCall(state: CronState, request: RequestId, call: Call, nowMs: number, out: CronOut): void {
  out.answer(request, answerTo({ state, nowMs, out }, call));
}

function answerTo(asking: Asking, call: Call): Answer {
  switch (call.kind) {
    case "chronos-put":
      return chronos.putChronosJob(asking, call);
    case "chronos-delete":
      return chronos.deleteChronosJob(asking, call);
    case "chronos-run":
      return chronos.runChronosJob(asking, call);
    case "chronos-success":
      return chronos.markSuccess(asking, call);
    case "chronos-kill":
      return tasks.killTasks(asking, call);
    case "chronos-progress":
      return tasks.addProgress(asking, call);
    case "chronos-complete":
      return tasks.completeTask(asking, call);
    case "create-job":
      return jobs.createJob(asking, call);
    case "update-job":
      return jobs.updateJob(asking, call);
    case "delete-job":
      return jobs.deleteJob(asking, call);
    case "pause-job":
      return jobs.pauseJob(asking, call);
    case "create-schedule":
      return schedules.createSchedule(asking, call);
    case "update-schedule":
      return schedules.updateSchedule(asking, call);
    case "delete-schedule":
      return schedules.deleteSchedule(asking, call);
    case "start-run":
      return runs.startRun(asking, call);
    case "stop-run":
      return runs.stopJobRun(asking, call);
  }
}
