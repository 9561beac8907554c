import { describe, expect, it } from "vitest";
import type { JobRun, PastRun } from "../run.ts";
import { Stage } from "./stage.rig.ts";

const MINUTE = 60_000;
/** Far ahead: it runs by hand only. */
const LATER = "R/2030-01-01T00:00:00Z/P1D";

function aStage(config: ConstructorParameters<typeof Stage>[0] = {}): Stage {
  const stage = new Stage(config);
  stage.cluster.addAgent("a1", "cpus:8;mem:8192;disk:8192");
  return stage.start().run();
}

/** The next life finds these beside what there is. */
function find(stage: Stage, kind: "run" | "past", runs: readonly (JobRun | PastRun)[]): void {
  for (const run of runs) stage.records.set(`${kind}/${run.job}/${run.id}`, JSON.stringify(run));
  stage.crash();
}

const runsOf = (job: string, count: number, nowMs: number, more: Partial<JobRun>): JobRun[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `20260105100000${String(i).padStart(5, "0")}`,
    job,
    cause: { type: "hand" },
    dueMs: nowMs - 1000 + i,
    createdMs: nowMs,
    arguments: "",
    phase: "waiting",
    failures: 0,
    launches: 0,
    tasks: [],
    ...more,
  }));

describe("one event stores no more than a store takes at once", () => {
  it("when many attempts are due again at the moment in which a job with many followers gives up", () => {
    const stage = aStage();
    stage.chronos({ name: "early", schedule: LATER, concurrent: true });
    stage.chronos({ name: "late", schedule: LATER, concurrent: true, softError: true, retries: 0 });
    for (let i = 0; i < 200; i++) stage.chronos({ name: `follower-${i}`, parents: ["late"], cpus: 9 });
    const atMs = stage.nowMs + 5000;
    const resting = runsOf("early", 199, stage.nowMs, { notBeforeMs: atMs, failures: 1, launches: 1 });
    find(stage, "run", resting);
    const { unreachableMs } = stage.config;
    const task = {
      id: "ct:1:0:late:",
      agentId: "a0",
      hostname: "h",
      launchedMs: 1,
      state: "TASK_UNREACHABLE",
    } as const;
    const tasks = [{ ...task, unreachableSinceMs: atMs - unreachableMs }];
    find(stage, "run", runsOf("late", 1, stage.nowMs, { phase: "active", launches: 1, tasks }));
    stage.run(10 * MINUTE);
    expect(stage.past("early")).toHaveLength(199);
    expect(stage.runs("follower-199")).toHaveLength(1);
    expect(stage.problems().filter((problem) => problem.includes("records"))).toEqual([]);
  });

  it("when all tasks of a job with many are killed", () => {
    const stage = aStage();
    stage.chronos({ name: "job", schedule: LATER, concurrent: true });
    const task = { agentId: "a1", hostname: "h", launchedMs: stage.nowMs, state: "TASK_RUNNING" } as const;
    const runs = runsOf("job", 700, stage.nowMs, { phase: "active", launches: 1 });
    find(
      stage,
      "run",
      runs.map((run) => ({ ...run, tasks: [{ ...task, id: `ct:${run.dueMs}:0:job:` }] })),
    );
    stage.ask({ kind: "chronos-kill", name: "job" });
    stage.run(MINUTE);
    expect(stage.past("job").map(({ why }) => why)).toEqual(Array(700).fill("Its task was killed on request."));
    expect(stage.problems()).toEqual([]);
  });

  it("when this life is to remember far less than the last one did", () => {
    const stage = aStage({ mostPastInAll: 10 });
    stage.chronos({ name: "job", schedule: LATER, concurrent: true });
    const { nowMs } = stage;
    const past = { job: "job", cause: { type: "hand" }, createdMs: nowMs, endedMs: nowMs, tasks: [] } as const;
    const ended = Array.from({ length: 700 }, (_, i) => ({ ...past, id: `r${i}`, dueMs: i, isSuccess: true }));
    find(stage, "past", ended);
    for (let i = 0; i < 80; i++) stage.ask({ kind: "chronos-run", name: "job", arguments: "" });
    stage.run(MINUTE);
    expect(stage.past("job")).toHaveLength(10);
    expect(stage.problems()).toEqual([]);
  });
});

it("what is not begun is told once a minute, however much it is", () => {
  const stage = aStage({ mostRuns: 1 });
  stage.taskMs = undefined;
  stage.metronome("job", { schedules: [{ id: "s", cron: "* * * * *" }] });
  stage.run(MINUTE);
  for (let i = 0; i < 100; i++) stage.ask({ kind: "start-run", job: "job", body: undefined });
  expect(stage.logs).toHaveLength(1);
  stage.run(2 * MINUTE);
  expect(stage.logs).toHaveLength(3);
});

it("a run that waits for another one of its job begins after it, however many jobs follow", () => {
  const stage = aStage();
  stage.taskMs = 1000;
  stage.chronos({ name: "job", schedule: LATER });
  for (let i = 0; i < 150; i++) stage.chronos({ name: `follower-${i}`, parents: ["job"], cpus: 9 });
  for (let i = 0; i < 3; i++) stage.ask({ kind: "chronos-run", name: "job", arguments: "" });
  stage.run(MINUTE);
  expect(stage.past("job")).toHaveLength(3);
});

it("a firing that waits for a run of its job comes after it, however many jobs follow", () => {
  const stage = aStage();
  stage.taskMs = 90_000;
  stage.chronos({ name: "job", schedule: "R2/2026-01-05T10:01:00Z/PT1M" });
  for (let i = 0; i < 200; i++) stage.chronos({ name: `follower-${i}`, parents: ["job"], cpus: 9 });
  stage.run(10 * MINUTE);
  expect(stage.past("job")).toHaveLength(2);
});
