import { describe, expect, it } from "vitest";
import { Stage } from "./stage.rig.ts";

const LATER = "R/2030-01-01T00:00:00Z/P1D";

/** Two jobs that run by hand, and one that follows both; tasks end when the test says so. */
function family(child: Record<string, unknown> = {}): Stage {
  const stage = new Stage();
  stage.cluster.addAgent("a1", "cpus:80;mem:81920;disk:81920");
  stage.start().run();
  stage.taskMs = undefined;
  for (const name of ["mother", "father"]) stage.chronos({ name, schedule: LATER, retries: 0 });
  stage.chronos({ name: "child", parents: ["mother", "father"], retries: 0, ...child });
  return stage;
}

function runs(stage: Stage, name: string, state: "TASK_FINISHED" | "TASK_FAILED" = "TASK_FINISHED"): void {
  stage.ask({ kind: "chronos-run", name, arguments: "" });
  stage.run(100).comes(name, state).run(100);
}

const beginnings = (stage: Stage) => [...stage.made.values()].filter(({ job }) => job === "child").length;

describe("a job that follows others", () => {
  it("runs when each of them has succeeded once more, in any order, and successes that run ahead count once", () => {
    const stage = family({ concurrent: true });
    runs(stage, "father");
    runs(stage, "father");
    expect(beginnings(stage)).toBe(0);
    runs(stage, "mother");
    expect([beginnings(stage), stage.runs("child")[0]!.cause]).toEqual([1, { type: "parents" }]);
    runs(stage, "mother");
    expect(beginnings(stage)).toBe(1);
    runs(stage, "father");
    expect(beginnings(stage)).toBe(2);
  });

  it("does not run after failures, unless they are soft", () => {
    const stage = family();
    runs(stage, "father");
    runs(stage, "mother", "TASK_FAILED");
    expect(beginnings(stage)).toBe(0);
    stage.chronos({ name: "mother", schedule: LATER, retries: 0, softError: true });
    runs(stage, "mother", "TASK_FAILED");
    expect(beginnings(stage)).toBe(1);
  });

  it("does not run while it is disabled", () => {
    const stage = family({ disabled: true });
    runs(stage, "father");
    runs(stage, "mother");
    expect(beginnings(stage)).toBe(0);
  });

  it("waits for its run that is under way, and then runs once for what was fulfilled meanwhile", () => {
    const stage = family();
    for (const name of ["father", "mother", "father", "mother", "mother", "father"]) runs(stage, name);
    expect(beginnings(stage)).toBe(1);
    stage.comes("child", "TASK_FINISHED");
    expect(beginnings(stage)).toBe(2);
    stage.comes("child", "TASK_FAILED");
    expect(beginnings(stage)).toBe(2);
  });

  it("follows a success that somebody declares", () => {
    const stage = family();
    runs(stage, "father");
    stage.ask({ kind: "chronos-success", name: "mother" });
    expect(beginnings(stage)).toBe(1);
  });

  it("remembers over a crash who has succeeded", () => {
    const stage = family();
    runs(stage, "father");
    stage.crash();
    runs(stage, "mother");
    expect(beginnings(stage)).toBe(1);
  });

  it("of Metronome runs when the latest run of each has succeeded since it did itself", () => {
    const stage = new Stage();
    stage.cluster.addAgent("a1", "cpus:80;mem:81920;disk:81920");
    stage.start().run();
    stage.taskMs = undefined;
    for (const id of ["mother", "father"]) stage.metronome(id, {});
    stage.metronome("child", { dependencies: [{ id: "mother" }, { id: "father" }] });
    const go = (job: string, state: "TASK_FINISHED" | "TASK_FAILED" = "TASK_FINISHED") => {
      stage.ask({ kind: "start-run", job, body: undefined });
      stage.run(100).comes(job, state).run(100);
    };
    go("mother");
    go("father", "TASK_FAILED");
    expect(beginnings(stage)).toBe(0);
    go("father");
    expect(beginnings(stage)).toBe(1);
    stage.run(1).comes("child", "TASK_FINISHED");
    go("mother");
    expect(beginnings(stage)).toBe(1);
    go("father");
    expect(beginnings(stage)).toBe(2);
  });
});
