import type { TaskState } from "@meseta/api/mesos/generated/mesos.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Job, UNLIMITED } from "../job.ts";
import { type JobRun, MOST_TASKS, type RunEvent } from "../run.ts";
import { chronosJobOf } from "../task/task.rig.ts";
import { deadlineOf } from "./deadline.ts";
import { applyToRun, presentTask, type Surroundings } from "./life.ts";

const START = 1_767_607_200_000;
const CONFIG = { retryMs: 10_000, unreachableMs: 30_000, confirmMs: 20_000 };

function aJob(more: Partial<Job> = {}): Job {
  return { ...chronosJobOf({ schedule: "R/2026-01-05T10:00:00Z/PT1M" }), ...more };
}

const RUN: JobRun = {
  id: "r",
  job: "job",
  cause: { type: "schedule", schedule: "default" },
  dueMs: START,
  createdMs: START,
  arguments: "",
  phase: "waiting",
  failures: 0,
  launches: 0,
  tasks: [],
};

const STATES: readonly TaskState[] = [
  "TASK_STAGING",
  "TASK_STARTING",
  "TASK_RUNNING",
  "TASK_KILLING",
  "TASK_FAILED",
  "TASK_KILLED",
  "TASK_LOST",
  "TASK_DROPPED",
  "TASK_GONE",
  "TASK_UNREACHABLE",
  "TASK_UNKNOWN",
  "TASK_FINISHED",
];

type Step =
  | { readonly type: "status"; readonly state: TaskState; readonly isAnswer: boolean; readonly isOld: boolean }
  | { readonly type: "launched" | "stop" | "completed" | "clock"; readonly passMs: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("status" as const),
      state: fc.constantFrom(...STATES),
      isAnswer: fc.boolean(),
      isOld: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom("launched" as const, "launched" as const, "clock" as const, "clock" as const),
      passMs: fc.constantFrom(0, 1000, 15_000, 70_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constantFrom("stop" as const, "completed" as const), passMs: fc.constant(0) }),
  },
);

/** The event that the step is for this run; undefined where nobody would say so. */
function eventOf(run: JobRun, step: Step, nowMs: number): RunEvent | undefined {
  switch (step.type) {
    case "launched": {
      const place = { agentId: "a", hostname: "h", launchedMs: nowMs, state: "TASK_STAGING" } as const;
      const isWanted = run.phase === "waiting" && run.notBeforeMs === undefined;
      return isWanted ? { type: "launched", task: { id: `t${run.launches}`, ...place } } : undefined;
    }
    case "status": {
      const task = step.isOld ? run.tasks.at(-2) : run.tasks.at(-1);
      const reason = step.isAnswer ? ({ reason: "REASON_RECONCILIATION" } as const) : {};
      return task && { type: "status", taskId: task.id, state: step.state, ...reason };
    }
    case "stop":
      return { type: "stop", why: "enough", isCounted: true };
    case "completed":
      return { type: "completed", isSuccess: true };
    case "clock":
      return { type: "clock" };
  }
}

/** What must hold of any run, whatever has happened to it. */
function check(run: JobRun, around: Surroundings): void {
  const { retries } = around.job;
  expect(run.tasks.length).toBe(Math.min(run.launches, MOST_TASKS));
  expect(run.failures).toBeLessThanOrEqual(Math.min(run.launches, retries === UNLIMITED ? Infinity : retries));
  expect(run.phase === "stopping").toBe(run.stop !== undefined);
  expect(run.phase === "active" ? run.tasks.at(-1)!.startedMs : 0).toBeDefined();
  for (const task of run.tasks.slice(0, presentTask(run) === undefined ? undefined : -1))
    expect(task.endedMs).toBeDefined();
  expect(presentTask(run)?.endedMs).toBeUndefined();
  // Whoever rests, or cannot be seen, is looked at again.
  const waitsForTime = run.notBeforeMs !== undefined || presentTask(run)?.unreachableSinceMs !== undefined;
  if (waitsForTime || run.phase === "launched") expect(deadlineOf(run, around)).toBeDefined();
}

describe("the life of a run", () => {
  it("keeps its books right whatever happens, and what comes twice changes nothing", () => {
    const jobs = fc.constantFrom(
      aJob(),
      aJob({ retries: 0 }),
      aJob({ retries: UNLIMITED, activeDeadlineSeconds: 100 }),
    );
    fc.assert(
      fc.property(jobs, fc.array(step, { maxLength: 60, size: "max" }), (job, steps) => {
        let [run, nowMs] = [RUN, START];
        for (const what of steps) {
          nowMs += "passMs" in what ? what.passMs : 0;
          const around = { job, config: CONFIG, nowMs };
          const event = eventOf(run, what, nowMs);
          if (event === undefined) continue;
          const outcome = applyToRun(run, event, around);
          if (outcome.end !== undefined) return;
          check(outcome.run, around);
          if (event.type === "status") expect(applyToRun(outcome.run, event, around).run).toBe(outcome.run);
          run = outcome.run;
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("ends, when the clock goes on and nothing is heard of its tasks but that they cannot be reached", () => {
    const job = aJob({ retries: 2 });
    let [run, nowMs] = [RUN, START];
    for (let launches = 0; launches < 10; launches++) {
      for (const what of [
        { type: "launched", passMs: 0 },
        { type: "status", state: "TASK_UNREACHABLE", isAnswer: true, isOld: false },
        { type: "clock", passMs: 0 },
        { type: "clock", passMs: 0 },
      ] as const) {
        const around = { job, config: CONFIG, nowMs };
        nowMs = Math.max(nowMs, what.type === "clock" ? (deadlineOf(run, around) ?? nowMs) : nowMs);
        const event = eventOf(run, what, nowMs);
        if (event === undefined) continue;
        const { run: next, end } = applyToRun(run, event, { ...around, nowMs });
        if (end !== undefined) return expect([end.isSuccess, next.launches]).toEqual([false, 3]);
        run = next;
      }
    }
    throw new Error("it never ends");
  });
});
