import { describe, expect, it } from "vitest";
import { CronOut } from "./out.ts";
import { Stage } from "./runs/stage.rig.ts";

const MINUTE = 60_000;

function aStage(): Stage {
  const stage = new Stage();
  stage.cluster.addAgent("a1", "cpus:8;mem:8192;disk:8192;ports:[31000-31099]");
  return stage.start().run();
}

/** Somebody sets the clock; the alarm rings all that waits, as `lib/io/alarm.ts` does. */
function setBack(stage: Stage, ms: number): void {
  stage.nowMs -= ms;
  stage.apply({ type: "wake", wake: { for: "clock", atMs: stage.state.clockAtMs } });
}

describe("a cron whose clock is set back while it lives", () => {
  it("rests no longer after a failure", () => {
    const stage = aStage();
    stage.chronos({ name: "job", schedule: "R1/2026-01-05T10:01:00Z/P1D", retries: 1 });
    stage.taskMs = 10 * MINUTE;
    stage.run(2 * MINUTE);
    stage.comes("job", "TASK_FAILED");
    setBack(stage, 30 * MINUTE);
    stage.run(2 * MINUTE);
    expect(stage.runs("job")[0]).toMatchObject({ phase: "active", launches: 2 });
  });

  it("asks again for the end of what it kills, and for what became of its tasks", () => {
    const stage = aStage();
    stage.taskMs = undefined;
    stage.chronos({ name: "job", schedule: "R1/2026-01-05T10:01:00Z/P1D" });
    stage.run(2 * MINUTE);
    const [task] = stage.tasks("job");
    stage.ask({ kind: "chronos-kill", name: "job" });
    setBack(stage, 30 * MINUTE);
    expect(stage.state.kills.get(task!)?.nextMs).toBe(stage.nowMs + stage.config.killRetryMs);
    expect(stage.state.reconciliationAtMs).toBe(stage.nowMs + stage.config.reconciliationDelayMs);
  });

  it("fires nothing twice, and goes on where it stood", () => {
    const stage = aStage();
    stage.chronos({ name: "job", schedule: "R/2026-01-05T10:01:00Z/PT1M", catchUp: "EACH" });
    stage.run(3 * MINUTE);
    setBack(stage, 2.5 * MINUTE);
    stage.run(4 * MINUTE);
    expect(stage.past("job").map(({ dueMs }) => new Date(dueMs).toISOString().slice(11, 19))).toEqual([
      "10:01:00",
      "10:02:00",
      "10:03:00",
      "10:04:00",
    ]);
  });

  it("fires what was due and waited for the end of a run, when it is due once more", () => {
    const stage = aStage();
    stage.taskMs = undefined;
    stage.chronos({ name: "job", schedule: "R/2026-01-05T10:01:00Z/PT1M" });
    stage.run(2.5 * MINUTE);
    expect(stage.tasks("job").length).toBe(1);
    setBack(stage, MINUTE);
    stage.taskMs = 1_000;
    stage.comes("job", "TASK_FINISHED");
    expect(stage.tasks("job").length).toBe(0);
    stage.run(5 * MINUTE);
    expect(stage.past("job").map(({ dueMs }) => new Date(dueMs).toISOString().slice(14, 16))).toEqual([
      "01",
      "02",
      "03",
      "04",
      "05",
      "06",
    ]);
  });

  it("does nothing of the kind when the clock goes back by a moment", () => {
    const stage = aStage();
    stage.run(MINUTE);
    const before = stage.state.reconciliationAtMs;
    stage.cron.apply({ type: "heard", event: { type: "HEARTBEAT" } }, stage.nowMs - 900, new CronOut());
    expect(stage.state.reconciliationAtMs).toBe(before);
  });
});

describe("a job that ran while the clock showed another year", () => {
  const YEAR = 365 * 24 * 60 * MINUTE;

  function misled(catchUp: "EACH" | "NONE"): Stage {
    const stage = aStage();
    stage.metronome("job", { schedules: [{ id: "s", cron: "* * * * *", catchUp }] });
    stage.run(2 * MINUTE);
    stage.nowMs += YEAR;
    stage.apply({ type: "wake", wake: { for: "clock", atMs: stage.state.clockAtMs } });
    stage.run();
    setBack(stage, YEAR);
    return stage;
  }

  it("waits for it, so that nothing runs twice, until it is resumed", () => {
    for (const catchUp of ["EACH", "NONE"] as const) {
      const stage = misled(catchUp);
      const before = stage.made.size;
      stage.run(5 * MINUTE);
      expect(stage.made.size).toBe(before);
      for (const isPaused of [true, false]) stage.ask({ kind: "pause-job", id: "job", isPaused });
      stage.run(5 * MINUTE);
      expect(stage.made.size).toBe(before + 5);
    }
  });

  it("or gets another schedule", () => {
    const stage = misled("NONE");
    const before = stage.made.size;
    const body = { cron: "*/2 * * * *" };
    stage.ask({ kind: "update-schedule", job: "job", schedule: "s", body });
    stage.run(6 * MINUTE);
    expect(stage.made.size).toBe(before + 3);
  });
});
