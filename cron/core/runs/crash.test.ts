import { describe, expect, it } from "vitest";
import { type Death, Stage } from "./stage.rig.ts";

const MINUTE = 60_000;
const at = (minute: number) => `2026-01-05T10:${String(minute).padStart(2, "0")}:00`;

/**
 * Jobs of all kinds for six minutes, an agent lost and found, one run by hand, one stopped and one job removed. Returns how many events it took, and what was
 * not as it ought to be.
 */
function tell(death?: Death): { events: number; problems: string[] } {
  const stage = new Stage({ retryMs: 10_000, unreachableMs: 20_000, aheadMs: 2 });
  for (const id of ["a1", "a2"]) stage.cluster.addAgent(id, "cpus:8;mem:8192;disk:8192;ports:[31000-31099]");
  stage.dieAt = death;
  stage.start();
  stage.taskMs = 5000;
  stage.endOf = (id) => (id.includes(":flaky:") && id.split(":")[2] === "0" ? "TASK_FAILED" : "TASK_FINISHED");
  stage.chronos({ name: "one", schedule: `R/${at(1)}Z/PT1M` });
  stage.chronos({ name: "thrice", schedule: `R3/${at(1)}Z/PT2M`, catchUp: "EACH" });
  stage.chronos({ name: "flaky", schedule: `R/${at(1)}Z/PT1M`, catchUp: "EACH", retries: 1 });
  stage.chronos({ name: "gone", schedule: `R/${at(1)}Z/PT1M` });
  stage.chronos({ name: "after", parents: ["one", "flaky"], concurrent: true });
  const schedules = [{ id: "s", cron: "* * * * *", catchUp: "EACH" }];
  stage.metronome("each", { schedules, run: { restart: { policy: "ON_FAILURE" } } });
  stage.run(2 * MINUTE + 1000);
  stage.cluster.setReachable("a1", false);
  stage.run(1 * MINUTE + 30_000);
  stage.cluster.setReachable("a1", true);
  if (stage.state.entries.has("gone")) stage.ask({ kind: "chronos-delete", name: "gone" });
  stage.ask({ kind: "start-run", job: "each", body: undefined });
  stage.run(500);
  const [run] = stage.runs("each");
  if (run !== undefined) stage.ask({ kind: "stop-run", job: "each", run: run.id });
  stage.run(2 * MINUTE + 25_000);
  return { events: stage.applied, problems: [...stage.problems(), ...missing(stage)] };
}

/** Each firing had its run, and each round its follower. */
function missing(stage: Stage): string[] {
  const problems: string[] = [];
  const minutesOf = (job: string) =>
    [...stage.made.values()]
      .filter((run) => run.job === job && run.cause.type === "schedule")
      .map(({ dueMs }) => (dueMs / MINUTE) % 60)
      .sort((one, other) => one - other)
      .join();
  const wanted = { one: "1,2,3,4,5", flaky: "1,2,3,4,5", each: "1,2,3,4,5", thrice: "1,3,5" };
  for (const [job, minutes] of Object.entries(wanted))
    if (minutesOf(job) !== minutes) problems.push(`${job} ran at ${minutesOf(job)}`);
  const followers = stage.entry("after").stats.successCount;
  if (followers !== 5) problems.push(`after has followed ${followers} times`);
  if (!stage.entry("thrice").job.isDisabled) problems.push("thrice is not disabled");
  return problems;
}

describe("six minutes of jobs", () => {
  const { events, problems } = tell();

  it("end as wanted", () => {
    expect(problems).toEqual([]);
  });

  it.each(["before it is stored", "before its effects", "after its effects"] as const)(
    "end as wanted when the process dies after any one event, %s",
    (when) => {
      const failed: unknown[] = [];
      for (let event = 1; event <= events; event++) {
        const { problems } = tell({ event, when });
        if (problems.length > 0) failed.push([event, ...problems]);
      }
      expect(failed).toEqual([]);
    },
  );
});
