import { describe, expect, it } from "vitest";
import { Stage } from "./stage.rig.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const EVERY_MINUTE = "R/2026-01-05T10:01:00Z/PT1M";
/** Far ahead: it runs by hand only. */
const LATER = "R/2030-01-01T00:00:00Z/P1D";

function aStage(config: ConstructorParameters<typeof Stage>[0] = {}): Stage {
  const stage = new Stage(config);
  for (const id of ["a1", "a2"]) stage.cluster.addAgent(id, "cpus:8;mem:8192;disk:8192;ports:[31000-31099]");
  return stage.start().run();
}

const timesOf = (runs: readonly { readonly dueMs: number }[]) =>
  runs.map(({ dueMs }) => new Date(dueMs).toISOString().slice(11, 19));

const outcomesOf = (stage: Stage, job: string) => stage.past(job).map(({ isSuccess }) => isSuccess);

/** How long it may take until offers come again. */
const MOMENT = 100;

function begin(stage: Stage, name = "job"): void {
  stage.ask({ kind: "chronos-run", name, arguments: "" });
  stage.run(MOMENT);
}

/** A job that only a hand starts, and whose tasks run until they are told to end. */
function byHand(fields: Record<string, unknown> = {}, config: ConstructorParameters<typeof Stage>[0] = {}): Stage {
  const stage = aStage(config);
  stage.taskMs = undefined;
  stage.chronos({ name: "job", schedule: LATER, ...fields });
  return stage;
}

describe("a scheduled job", () => {
  it("runs each time that its schedule says, at that instant", () => {
    const stage = aStage();
    stage.chronos({ name: "job", schedule: EVERY_MINUTE });
    stage.run(3 * MINUTE);
    expect(timesOf(stage.past("job"))).toEqual(["10:01:00", "10:02:00", "10:03:00"]);
    expect(stage.past("job").map(({ createdMs, dueMs }) => createdMs - dueMs)).toEqual([0, 0, 0]);
  });

  it("has its offers asked for ahead, so that nothing waits for an allocation", () => {
    const stage = aStage();
    stage.chronos({ name: "job", schedule: EVERY_MINUTE });
    stage.run(MINUTE);
    expect(stage.past("job").map(({ dueMs, tasks }) => tasks[0]!.launchedMs - dueMs)).toEqual([0]);
  });

  it("runs as often as its schedule says, then is disabled when the last run has ended, and its owner is told", () => {
    const stage = aStage();
    stage.taskMs = 90 * SECOND;
    stage.chronos({
      name: "job",
      schedule: "R2/2026-01-05T10:01:00Z/PT1M",
      concurrent: true,
      owner: "ops@example.com",
    });
    stage.run(3 * MINUTE);
    expect([stage.past("job").length, stage.entry("job").job.isDisabled, stage.notes]).toEqual([1, false, []]);
    stage.run(MINUTE);
    expect(timesOf(stage.past("job"))).toEqual(["10:01:00", "10:02:00"]);
    expect(stage.entry("job").job.isDisabled).toBe(true);
    expect(stage.notes.map(({ owner, text }) => [owner, text])).toEqual([
      ["ops@example.com", "The job job has run as often as its schedule says, and is disabled now."],
    ]);
  });

  it("waits for its run that is under way, and then runs once for all that were due meanwhile", () => {
    const stage = aStage();
    stage.taskMs = 150 * SECOND;
    stage.chronos({ name: "job", schedule: EVERY_MINUTE });
    stage.run(5 * MINUTE + 31 * SECOND);
    expect(timesOf([...stage.past("job"), ...stage.runs("job")])).toEqual(["10:01:00", "10:02:00"]);
    expect(stage.runs("job")[0]!.createdMs - stage.past("job")[0]!.endedMs).toBe(0);
  });

  it("runs beside itself where it may, and drops what it must not where Metronome forbids it", () => {
    const stage = aStage();
    stage.taskMs = 150 * SECOND;
    const cron = { cron: "* * * * *", id: "s" };
    stage.metronome("allow", { schedules: [{ ...cron, concurrencyPolicy: "ALLOW" }] });
    stage.metronome("forbid", { schedules: [{ ...cron, concurrencyPolicy: "FORBID" }] });
    stage.run(4 * MINUTE + 1);
    expect(timesOf([...stage.past("allow"), ...stage.runs("allow")])).toHaveLength(4);
    expect(timesOf([...stage.past("forbid"), ...stage.runs("forbid")])).toEqual(["10:01:00", "10:04:00"]);
  });

  it("has one run for all that became due while that waited for an offer, which counts once", () => {
    const stage = new Stage();
    stage.start().run();
    stage.chronos({ name: "job", schedule: "R3/2026-01-05T10:01:00Z/PT1M" });
    stage.run(10 * MINUTE);
    expect([timesOf(stage.runs("job")), stage.entry("job").job.trigger]).toMatchObject([
      ["10:01:00"],
      { schedules: [{ when: { times: 2, first: 10 } }] },
    ]);
  });

  it("has no more runs than it may, and that is told", () => {
    const stage = aStage({ mostRuns: 2 });
    stage.taskMs = undefined;
    stage.metronome("job", { schedules: [{ id: "s", cron: "* * * * *" }] });
    stage.run(3 * MINUTE);
    expect([stage.runs("job").length, stage.logs]).toEqual([
      2,
      ["A job has as many runs as it may have; another one was not begun"],
    ]);
  });
});

describe("after downtime", () => {
  function backAfter(awayMs: number, catchUp: string): Stage {
    const stage = aStage();
    stage.chronos({ name: "job", schedule: EVERY_MINUTE, catchUp, concurrent: true });
    stage.run(MINUTE);
    stage.crash(awayMs);
    return stage.run();
  }

  it("a job has one run for all that were missed, or one for each, or none", () => {
    const missed = 3.5 * MINUTE;
    expect(timesOf(backAfter(missed, "ONE").past("job"))).toEqual(["10:01:00", "10:02:00"]);
    expect(timesOf(backAfter(missed, "EACH").past("job"))).toEqual(["10:01:00", "10:02:00", "10:03:00", "10:04:00"]);
    expect(timesOf(backAfter(missed, "NONE").past("job"))).toEqual(["10:01:00"]);
  });

  it("goes on with its schedule in any case", () => {
    for (const catchUp of ["ONE", "EACH", "NONE"])
      expect(
        timesOf(
          backAfter(3.5 * MINUTE, catchUp)
            .run(MINUTE)
            .past("job"),
        ).at(-1),
      ).toBe("10:05:00");
  });

  it("overdue firings of all jobs come in the order of their time", () => {
    const stage = aStage();
    for (const [index, name] of ["late", "early", "middle"].entries())
      stage.chronos({ name, schedule: `R/2026-01-05T10:0${[3, 1, 2][index]}:00Z/P1D` });
    stage.crash(10 * MINUTE);
    stage.cluster.calls.length = 0;
    stage.run();
    const launched = stage.cluster.calls.flatMap(({ accept }) => accept?.operations ?? []);
    const names = launched
      .flatMap(({ launch }) => launch?.task_infos ?? [])
      .map(({ task_id }) => task_id.value.split(":")[3]);
    expect(names).toEqual(["early", "middle", "late"]);
  });

  it("nothing is had twice though the clock was set back", () => {
    const stage = aStage();
    stage.chronos({ name: "job", schedule: EVERY_MINUTE, catchUp: "EACH" });
    stage.run(3 * MINUTE);
    stage.crash(-2.5 * MINUTE);
    stage.run(4 * MINUTE);
    expect(timesOf(stage.past("job"))).toEqual(["10:01:00", "10:02:00", "10:03:00", "10:04:00"]);
  });

  it("a run that rests after a failure rests no longer because the clock was set back", () => {
    const stage = aStage();
    stage.chronos({ name: "job", schedule: "R1/2026-01-05T10:01:00Z/P1D", retries: 1 });
    stage.taskMs = 10 * MINUTE;
    stage.run(2 * MINUTE);
    stage.comes("job", "TASK_FAILED");
    stage.crash(-30 * MINUTE);
    stage.run(2 * MINUTE);
    expect(stage.runs("job")[0]).toMatchObject({ phase: "active", launches: 2 });
  });

  it("a run goes on with the task that it has, and ends once", () => {
    const stage = aStage();
    stage.taskMs = 2 * MINUTE;
    stage.chronos({ name: "job", schedule: "R1/2026-01-05T10:01:00Z/P1D" });
    stage.run(MINUTE);
    stage.crash(5 * MINUTE);
    stage.run(MINUTE);
    expect([stage.past("job").length, stage.cluster.tasks.size, stage.entry("job").stats.successCount]).toEqual([
      1, 1, 1,
    ]);
  });
});

describe("a run", () => {
  it("waits for an offer, is launched, runs and ends", () => {
    const stage = byHand();
    stage.ask({ kind: "chronos-run", name: "job", arguments: "" });
    expect(stage.runs("job")[0]).toMatchObject({ phase: "waiting", launches: 0, cause: { type: "hand" } });
    stage.run();
    expect(stage.runs("job")[0]).toMatchObject({ phase: "active", launches: 1, tasks: [{ state: "TASK_RUNNING" }] });
    stage.comes("job", "TASK_FINISHED");
    expect(stage.runs("job")).toEqual([]);
    expect(stage.past("job")).toMatchObject([{ isSuccess: true, tasks: [{ state: "TASK_FINISHED" }] }]);
    expect(stage.state.tasks.size).toBe(0);
  });

  it("is another one though another is of the same millisecond", () => {
    const stage = byHand({ concurrent: true });
    for (let i = 0; i < 2; i++) stage.ask({ kind: "chronos-run", name: "job", arguments: "" });
    stage.run(MOMENT);
    const [one, other] = stage.runs("job");
    expect([other!.dueMs - one!.dueMs, stage.tasks("job").length]).toEqual([1, 2]);
  });

  it("has tasks of other names than those that a removed job of its name has left", () => {
    const stage = byHand({ schedule: "R1/2026-01-05T09:00:00Z/P1D" });
    stage.run(MOMENT);
    stage.cluster.agents.get(stage.cluster.live[0]!.agent)!.isReachable = false;
    stage.ask({ kind: "chronos-delete", name: "job" });
    stage.chronos({ name: "job", schedule: "R1/2026-01-05T09:00:00Z/P1D" });
    stage.run(MOMENT);
    expect(stage.tasks("job")).toEqual(["ct:1767603600000:0:job:", "ct:1767603600001:0:job:"]);
    expect(stage.cluster.refusals).toEqual([]);
  });

  it("is attempted again after a rest as often as its job says, and then has failed", () => {
    const stage = byHand({ retries: 1, owner: "ops@example.com" });
    begin(stage);
    stage.comes("job", "TASK_FAILED", "exited with status 1");
    expect(stage.runs("job")[0]).toMatchObject({ phase: "waiting", failures: 1, notBeforeMs: stage.nowMs + MINUTE });
    stage.run(MINUTE - 1);
    expect(stage.tasks("job")).toEqual([]);
    stage.run(1).comes("job", "TASK_FAILED", "exited with status 2");
    expect(stage.past("job")).toMatchObject([{ isSuccess: false, why: "exited with status 2", tasks: [{}, {}] }]);
    expect(stage.entry("job").stats).toMatchObject({ successCount: 0, errorCount: 1, errorsSinceLastSuccess: 1 });
    expect(stage.notes.map(({ owner, subject }) => [owner, subject])).toEqual([
      ["ops@example.com", "Job job has failed"],
    ]);
  });

  it("is attempted again at once, then later each time, until its deadline where attempts are not counted", () => {
    const stage = aStage();
    stage.taskMs = undefined;
    stage.metronome("job", {
      run: { restart: { policy: "ON_FAILURE", activeDeadlineSeconds: 10 }, maxLaunchDelay: 3 },
    });
    stage.ask({ kind: "start-run", job: "job", body: undefined });
    stage.run(MOMENT);
    const rests: (number | undefined)[] = [];
    while (stage.past("job").length === 0) {
      stage.comes("job", "TASK_FAILED");
      const { notBeforeMs } = stage.runs("job")[0] ?? {};
      rests.push(notBeforeMs === undefined ? undefined : notBeforeMs - stage.nowMs);
      stage.run((rests.at(-1) ?? 0) + MOMENT);
    }
    // After those ten seconds have passed since it began.
    expect(rests).toEqual([undefined, 1000, 2000, 3000, 3000, 3000, undefined]);
    expect(stage.past("job")[0]!.isSuccess).toBe(false);
  });

  it("of a launch that came to nothing is launched anew at once, and that is no failure", () => {
    const stage = byHand({ retries: 0 });
    stage.cluster.late = 1;
    begin(stage);
    expect(stage.runs("job")[0]).toMatchObject({ phase: "active", failures: 0, launches: 2 });
    expect(stage.tasks("job").map((id) => id.split(":")[2])).toEqual(["1"]);
  });

  it("rests between launches when one after the other comes to nothing", () => {
    const stage = byHand({ retries: 0 });
    stage.cluster.late = 4;
    begin(stage);
    const [run] = stage.runs("job");
    expect([run!.launches, run!.notBeforeMs]).toEqual([2, run!.tasks[1]!.endedMs! + SECOND]);
    stage.run(8 * SECOND);
    expect(stage.runs("job")[0]).toMatchObject({ phase: "active", launches: 5, failures: 0 });
  });

  it("whose launch was lost is launched anew when the master has said that it does not know the task", () => {
    const stage = byHand({ retries: 0 });
    stage.dieAt = { event: 0, when: "before its effects" };
    stage.ask({ kind: "chronos-run", name: "job", arguments: "" });
    while (stage.runs("job")[0]!.phase === "waiting") {
      stage.dieAt = { event: stage.applied + 1, when: "before its effects" };
      stage.step(1);
    }
    expect([stage.runs("job")[0]!.phase, stage.tasks("job")]).toEqual(["launched", []]);
    stage.run(SECOND);
    expect(stage.runs("job")[0]).toMatchObject({ phase: "active", launches: 2, failures: 0 });
  });

  it("waits for its task's agent to come back, and for no longer than the operator says", () => {
    const stage = byHand({ retries: 1 }, { retryMs: 0 });
    begin(stage);
    const agent = stage.cluster.live[0]!.agent;
    stage.cluster.setReachable(agent, false);
    stage.run(299 * SECOND);
    expect(stage.runs("job")[0]).toMatchObject({ phase: "active", launches: 1 });
    stage.run(SECOND);
    expect(stage.runs("job")[0]).toMatchObject({ phase: "active", launches: 2, failures: 1 });
    stage.cluster.setReachable(agent, true);
    stage.run();
    // The lost one comes back, and is killed.
    expect(stage.tasks("job").map((id) => id.split(":")[2])).toEqual(["1"]);
  });

  it("goes on as if nothing had been when its agent comes back in time", () => {
    const stage = byHand();
    begin(stage);
    const { agent } = stage.cluster.live[0]!;
    stage.cluster.setReachable(agent, false);
    stage.run(MINUTE);
    stage.cluster.setReachable(agent, true);
    stage.run(10 * MINUTE);
    expect(stage.runs("job")[0]).toMatchObject({ phase: "active", launches: 1 });
    expect(stage.runs("job")[0]!.tasks[0]!.unreachableSinceMs).toBeUndefined();
  });

  it("whose task nobody has heard of has the master asked, again and again", () => {
    const stage = byHand({}, { confirmMs: 2 * MINUTE, reconciliationIntervalMs: 1e12 });
    stage.ask({ kind: "chronos-run", name: "job", arguments: "" });
    while (stage.runs("job")[0]!.phase === "waiting") stage.step(1);
    const task = stage.runs("job")[0]!.tasks[0]!.id;
    stage.cluster.tasks.get(task)!.state = "TASK_STARTING";
    stage.run(MINUTE);
    stage.cluster.calls.length = 0;
    stage.run(4 * MINUTE);
    const asked = stage.cluster.calls.flatMap(({ reconcile }) => reconcile?.tasks ?? []);
    expect(asked.map(({ task_id }) => task_id.value)).toEqual([task, task]);
  });

  it("that does not begin in time has failed, and what was launched of it is killed", () => {
    const stage = new Stage();
    stage.start().run();
    stage.metronome("job", { schedules: [{ id: "s", cron: "0 11 * * *", startingDeadlineSeconds: 60 }] });
    stage.run(60 * MINUTE);
    expect(stage.runs("job").length).toBe(1);
    stage.run(MINUTE);
    expect(stage.past("job")).toMatchObject([
      { isSuccess: false, why: "It did not begin in time, as its schedule wants it to.", tasks: [] },
    ]);
    expect(stage.entry("job").stats.errorCount).toBe(1);
  });

  it("that has begun is not stopped by what it had to begin in", () => {
    const stage = aStage();
    stage.taskMs = 5 * MINUTE;
    stage.metronome("job", { schedules: [{ id: "s", cron: "0 11 * * *", startingDeadlineSeconds: 60 }] });
    stage.run(66 * MINUTE);
    expect(outcomesOf(stage, "job")).toEqual([true]);
  });

  it("that takes longer than its job allows has failed for that reason, whatever its agent ended it with", () => {
    const stage = byHand({ retries: 0, maxCompletionTime: 2 });
    begin(stage);
    const message = "Command terminated with signal Terminated";
    stage.cluster.update(stage.tasks("job")[0]!, "TASK_FAILED", {
      reason: "REASON_MAX_COMPLETION_TIME_REACHED",
      message,
    });
    stage.run();
    expect(stage.past("job").map(({ why }) => why)).toEqual(["It took longer than its maxCompletionTime allows."]);
  });

  it("that is stopped has failed when its task is dead, without another attempt", () => {
    const stage = aStage();
    stage.taskMs = undefined;
    stage.metronome("job", { run: { restart: { policy: "ON_FAILURE" } } });
    stage.ask({ kind: "start-run", job: "job", body: undefined });
    const { id } = stage.run().runs("job")[0]!;
    stage.ask({ kind: "stop-run", job: "job", run: id });
    expect(stage.runs("job")[0]!.phase).toBe("stopping");
    stage.run();
    expect(stage.past("job")).toMatchObject([{ isSuccess: false, why: "It was stopped on request." }]);
    expect([stage.entry("job").stats.errorCount, stage.state.kills.size, stage.tasks("job")]).toEqual([1, 0, []]);
  });

  it("whose task is killed by Chronos' API counts nothing, and is not attempted again", () => {
    const stage = byHand();
    begin(stage);
    stage.ask({ kind: "chronos-kill", name: "job" });
    stage.run();
    expect([outcomesOf(stage, "job"), stage.entry("job").stats.errorCount, stage.notes]).toEqual([[false], 0, []]);
  });

  it("is asked to stop until it has", () => {
    const stage = byHand();
    begin(stage);
    const { agent } = stage.cluster.live[0]!;
    stage.cluster.agents.get(agent)!.isReachable = false;
    stage.ask({ kind: "chronos-kill", name: "job" });
    stage.cluster.calls.length = 0;
    stage.run(12 * SECOND);
    expect(stage.cluster.calls.filter(({ type }) => type === "KILL").length).toBe(2);
    stage.cluster.agents.get(agent)!.isReachable = true;
    stage.run(5 * SECOND);
    expect([stage.runs("job"), stage.state.kills.size]).toEqual([[], 0]);
  });

  it("is stopped in the next life as well", () => {
    const stage = byHand();
    begin(stage);
    stage.dieAt = { event: stage.applied + 1, when: "before its effects" };
    stage.apply({ type: "call", request: 2, call: { kind: "chronos-kill", name: "job" } });
    stage.run();
    expect([stage.tasks("job"), outcomesOf(stage, "job"), stage.entry("job").stats.errorCount]).toEqual([
      [],
      [false],
      0,
    ]);
  });

  it("that tells its end itself has ended, and its task is killed", () => {
    const stage = byHand();
    begin(stage);
    stage.ask({ kind: "chronos-complete", task: stage.tasks("job")[0]!, body: { statusCode: 0 } });
    expect(outcomesOf(stage, "job")).toEqual([true]);
    stage.run(20 * SECOND);
    expect([stage.tasks("job"), stage.state.kills.size, stage.entry("job").stats.successCount]).toEqual([[], 0, 1]);
  });
});

describe("a job that fails", () => {
  it("is disabled after as many failures in a row as the operator says", () => {
    const stage = byHand({ retries: 0 }, { disableAfterFailures: 2 });
    begin(stage);
    stage.comes("job", "TASK_FAILED");
    expect(stage.entry("job").job.isDisabled).toBe(false);
    begin(stage);
    stage.comes("job", "TASK_FAILED");
    expect([stage.entry("job").job.isDisabled, stage.notes.length]).toEqual([true, 3]);
  });

  it("begins to count anew after a success", () => {
    const stage = byHand({ retries: 0 }, { disableAfterFailures: 2 });
    for (const state of ["TASK_FAILED", "TASK_FINISHED", "TASK_FAILED"] as const) {
      begin(stage);
      stage.comes("job", state);
    }
    expect(stage.entry("job").stats).toMatchObject({ successCount: 1, errorCount: 2, errorsSinceLastSuccess: 1 });
    expect(stage.entry("job").job.isDisabled).toBe(false);
  });
});

describe("history", () => {
  it("keeps the newest of each outcome, and the newest of all", () => {
    const stage = byHand({ retries: 0 }, { mostPast: 2, mostPastInAll: 3 });
    for (const state of ["FINISHED", "FAILED", "FINISHED", "FINISHED", "FAILED", "FINISHED"] as const) {
      begin(stage);
      stage.comes("job", `TASK_${state}`).run(1);
    }
    expect(outcomesOf(stage, "job")).toEqual([true, false, true]);
    const stored = [...stage.records.keys()].filter((key) => key.startsWith("past/"));
    expect(stored.sort()).toEqual(
      stage
        .past("job")
        .map(({ id }) => `past/job/${id}`)
        .sort(),
    );
    stage.crash();
    expect(outcomesOf(stage, "job")).toEqual([true, false, true]);
    expect([stage.entry("job").durations?.count, stage.state.past.size]).toEqual([2, 3]);
  });
});

describe("rest", () => {
  it("launches nothing any more, hears what ends, and leaves what is due to the next life", () => {
    const stage = aStage();
    stage.taskMs = 2 * MINUTE;
    stage.chronos({ name: "job", schedule: EVERY_MINUTE });
    stage.run(MINUTE);
    stage.apply({ type: "rest" });
    stage.run(3 * MINUTE);
    expect([timesOf(stage.past("job")), stage.runs("job")]).toEqual([["10:01:00"], []]);
    stage.crash();
    stage.run();
    expect(timesOf(stage.runs("job"))).toEqual(["10:02:00"]);
  });
});
