import { isObject } from "@meseta/api/json-body/read.ts";
import type { Call } from "../call.ts";
import { chronosRefusal, NOT_FOUND } from "../definition/refusal.ts";
import type { Answer } from "../out.ts";
import type { JobRun } from "../run.ts";
import { changeRun, runOf } from "../runs/change.ts";
import { stopRuns } from "../runs/stops.ts";
import { type Asking, refused } from "./asking.ts";
import { NOTHING } from "./chronos.ts";

type Of<Kind extends Call["kind"]> = Extract<Call, { kind: Kind }>;

/** DELETE /task/kill/{name}: 204, all tasks of the job are killed. Runs that wait for a launch go on waiting. */
export function killTasks({ state, nowMs, out }: Asking, { name }: Of<"chronos-kill">): Answer {
  const entry = state.entries.get(name);
  if (entry === undefined) return refused(NOT_FOUND.chronosJob(name));
  const launched = [...(entry.runs?.values() ?? [])].filter(({ phase }) => phase !== "waiting");
  // What is killed so counts nothing, as in Chronos.
  const wanted = launched.map(({ id }) => ({ ref: { job: name, run: id }, why: KILLED, isCounted: false }));
  stopRuns(state, wanted, nowMs, out);
  return NOTHING;
}

/** POST /job/{name}/task/{id}/progress: 204, so many elements more were processed. 400: the job does not count any, or has no such task. */
export function addProgress({ state, out }: Asking, { name, task, body }: Of<"chronos-progress">): Answer {
  const entry = state.entries.get(name);
  if (entry === undefined) return refused(NOT_FOUND.chronosJob(name));
  if (!entry.job.chronos.dataProcessingJobType)
    return refused(chronosRefusal(`The job ${name} counts no elements: dataProcessingJobType is false.`));
  const count = countIn(body);
  if (count === undefined)
    return refused(chronosRefusal("numAdditionalElementsProcessed must be a whole number, 0 or more."));
  const ref = state.tasks.get(task);
  const run = ref?.job === name ? runOf(state, ref) : undefined;
  if (run === undefined) return refused(noTask(task));
  const next = withElements(run, task, count);
  entry.runs!.set(run.id, next);
  out.save(`run/${name}/${run.id}`, next);
  return NOTHING;
}

/** PUT /task/{id}: 204, the task says of itself how it ended. 400: no such task runs. Source: Chronos 2's asynchronous jobs. */
export function completeTask({ state, nowMs, out }: Asking, { task, body }: Of<"chronos-complete">): Answer {
  const status = isObject(body) ? body["statusCode"] : undefined;
  if (!Number.isSafeInteger(status)) return refused(chronosRefusal("statusCode must be a whole number; 0 is success."));
  const ref = state.tasks.get(task);
  if (ref === undefined) return refused(noTask(task));
  changeRun(state, ref, { type: "completed", isSuccess: status === 0 }, nowMs, out);
  return NOTHING;
}

const KILLED = "Its task was killed on request.";

function noTask(task: string): ReturnType<typeof chronosRefusal> {
  return chronosRefusal(`No task is called "${task}", or it has ended.`);
}

/** Nothing to add is the same as 0. A bare number is what some clients write. */
function countIn(body: unknown): number | undefined {
  const count = isObject(body) ? (body["numAdditionalElementsProcessed"] ?? 0) : body;
  return Number.isSafeInteger(count) && (count as number) >= 0 ? (count as number) : undefined;
}

function withElements(run: JobRun, taskId: string, count: number): JobRun {
  const tasks = run.tasks.map((task) =>
    task.id === taskId ? { ...task, elementsProcessed: (task.elementsProcessed ?? 0) + count } : task,
  );
  return { ...run, tasks };
}
