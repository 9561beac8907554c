import { describe, expect, test } from "vitest";
import { Desk } from "../calls/desk.rig.ts";
import { CronOut } from "../out.ts";
import { Stage } from "../runs/stage.rig.ts";
import { disableJob } from "./disable.ts";

const put = (body: object) => ({ kind: "chronos-put", isDependent: "parents" in body, body }) as const;
const job = (name: string, more: object = {}) => put({ name, command: "true", ...more });
const HOURLY = { schedule: "R/2026-01-01T00:30:00Z/PT1H", scheduleTimeZone: "UTC" };
const remove = (name: string) => ({ kind: "chronos-delete", name }) as const;

describe("a removed job", () => {
  test("leaves those that followed it to its own parents", () => {
    const desk = new Desk();
    for (const [name, ...parents] of [["a"], ["b"], ["c", "a"], ["d", "b", "c"]] as const)
      desk.done(job(name, parents.length > 0 ? { parents } : HOURLY));
    desk.done(remove("c"));
    expect(desk.entry("d").job.trigger).toEqual({ type: "parents", parents: ["b", "a"], rule: "round" });
    expect(desk.state.graph.children("a")).toEqual(["d"]);
    expect(JSON.parse(desk.records.get("job/d")!).trigger.parents).toEqual(["b", "a"]);
  });

  test("leaves its schedule to who has no parent left, as far as it has come", () => {
    const desk = new Desk();
    desk.done(job("a", { schedule: "R5/2026-01-05T11:00:00Z/PT1H" }));
    desk.done(job("b", { parents: ["a"], concurrent: true }));
    desk.done(remove("a"));
    expect(desk.entry("b").job.trigger).toMatchObject({
      type: "schedules",
      schedules: [{ id: "default", when: { times: 5 }, overlap: "start" }],
    });
    expect([...desk.entry("b").firings.values()]).toEqual([Date.UTC(2026, 0, 5, 11)]);
    expect(desk.see({ kind: "chronos-job", name: "b" }).body).toMatchObject({
      schedule: "R5/2026-01-05T11:00:00.000Z/PT1H",
      concurrent: true,
    });
  });

  test("leaves who followed it and others to the others alone", () => {
    const desk = new Desk();
    for (const name of ["a", "b"]) desk.done(job(name, HOURLY));
    desk.done(job("c", { parents: ["a", "b"] }));
    desk.done({ kind: "chronos-success", name: "a" });
    expect(desk.entry("c").round).toEqual({ a: 1 });
    desk.done(remove("a"));
    expect([desk.entry("c").round, desk.state.graph.parents("c")]).toEqual([{}, ["b"]]);
    desk.done({ kind: "chronos-success", name: "b" });
    expect(desk.run("c").cause).toEqual({ type: "parents" });
  });

  test("starts nothing with the end of its runs", () => {
    const desk = new Desk();
    desk.done(job("a", { ...HOURLY, softError: true }));
    desk.done(job("b", { parents: ["a"] }));
    desk.done({ kind: "chronos-run", name: "a", arguments: "" });
    expect(desk.entry("a").firings.get("default")).toBeLessThan(desk.nowMs);
    desk.done(remove("a"));
    expect(desk.entry("b").runs).toBeUndefined();
    expect([desk.state.waiting.size, desk.state.past.size, desk.state.tasks.size]).toEqual([0, 0, 0]);
    expect([...desk.records.keys()]).toEqual(["job/b", "progress/b"]);
  });
});

test("a removed job with a long history is erased piece by piece, also by who finds it half erased", () => {
  const stage = new Stage({ mostPast: 1000 });
  stage.cluster.addAgent("a1", "cpus:8;mem:8192;disk:8192");
  stage.start();
  stage.chronos({ name: "a", schedule: "R0//PT1H" });
  for (let i = 0; i < 600; i++) {
    stage.ask({ kind: "chronos-run", name: "a", arguments: "" });
    stage.run(1000);
  }
  const stored = () => [...stage.records.keys()].filter((key) => key.startsWith("past/")).length;
  expect(stored()).toBe(600);
  stage.ask(remove("a"));
  expect([stored() > 0, stage.state.past.size]).toEqual([true, 0]);
  stage.crash();
  stage.run(0);
  expect(stored()).toBe(0);
});

describe("a changed job", () => {
  test("goes on where its schedule stands while that is the same", () => {
    const desk = new Desk();
    desk.done(job("a", HOURLY));
    const { body } = desk.see({ kind: "chronos-job", name: "a" });
    const stands = desk.entry("a").untilMs.get("default");
    desk.done(put({ ...(body as object), command: "false" }));
    expect(desk.entry("a").untilMs.get("default")).toBe(stands);
  });

  test("begins anew with another schedule", () => {
    const desk = new Desk();
    desk.done(job("a", HOURLY));
    desk.done(job("a", { ...HOURLY, schedule: "0 12 * * *" }));
    expect([...desk.entry("a").firings.values()]).toEqual([Date.UTC(2026, 0, 5, 12)]);
  });

  test("makes up for what it missed at rest by one run, or by none", () => {
    const desk = new Desk();
    const firingsOf = (catchUp: string) => {
      const body = { schedule: "0 * * * *", scheduleTimeZone: "UTC", catchUp };
      desk.done(job(catchUp, body));
      desk.done(job(catchUp, { ...body, disabled: true }));
      desk.nowMs += 7_200_000;
      desk.done(job(catchUp, body));
      return [...desk.entry(catchUp).firings.values()].map((atMs) => atMs > desk.nowMs);
    };
    expect(["ONE", "NONE", "EACH"].map(firingsOf)).toEqual([[false], [true], [true]]);
  });

  test("goes from one queue to the other with its priority", () => {
    const desk = new Desk();
    for (const name of ["a", "b"]) {
      desk.done(job(name, HOURLY));
      desk.done({ kind: "chronos-run", name, arguments: "" });
    }
    const order = () => [...desk.state.waiting].map((ref) => ref.job);
    expect(order()).toEqual(["a", "b"]);
    desk.done(job("b", { ...HOURLY, highPriority: true }));
    expect(order()).toEqual(["b", "a"]);
    desk.done(job("b", HOURLY));
    expect(order()).toEqual(["a", "b"]);
  });

  test("does not wait for an offer again that rests after a failure", () => {
    const desk = new Desk();
    desk.done(job("a", HOURLY));
    desk.done({ kind: "chronos-run", name: "a", arguments: "" });
    desk.finish("a", 1, "TASK_FAILED");
    desk.done(job("a", { ...HOURLY, highPriority: true }));
    expect(desk.state.waiting.size).toBe(0);
  });
});

test("a job is disabled once: it fires no more, and its owner is told why", () => {
  const desk = new Desk();
  desk.done(job("a", { ...HOURLY, owner: "a@example.com" }));
  const out = new CronOut();
  disableJob(desk.state, desk.entry("a"), "It has failed too often.", desk.nowMs, out);
  disableJob(desk.state, desk.entry("a"), "It has failed too often.", desk.nowMs, out);
  expect(out.effects).toEqual([
    {
      type: "notify",
      notification: {
        job: "a",
        owner: "a@example.com",
        subject: "Job a has been disabled",
        text: "It has failed too often.",
      },
    },
  ]);
  expect([desk.entry("a").job.isDisabled, desk.entry("a").firings.size]).toEqual([true, 0]);
  expect(JSON.parse(out.puts.get("job/a")!).isDisabled).toBe(true);
});

test("what most jobs leave empty is one object for all of them", () => {
  const desk = new Desk();
  for (const id of ["a", "b"]) desk.done({ kind: "create-job", isWhole: false, body: { id, run: { cmd: id } } });
  const [one, other] = [desk.entry("a").job, desk.entry("b").job];
  expect(one.chronos).toBe(other.chronos);
  for (const field of ["env", "secrets", "args", "volumes"] as const) expect(one.run[field]).toBe(other.run[field]);
});

test("a job whose start is brought forward before it has come starts then", () => {
  for (const catchUp of ["EACH", "NONE", "ONE"]) {
    const desk = new Desk();
    for (const hour of [23, 12]) desk.done(job("a", { schedule: `R/2026-01-05T${hour}:00:00Z/PT1H`, catchUp }));
    expect([...desk.entry("a").firings.values()]).toEqual([Date.UTC(2026, 0, 5, 12)]);
  }
});
