import { describe, expect, it } from "vitest";
import { type Attempt, checkInstants, type PlannedJob, type Window } from "./instants.ts";

const JOB: PlannedJob = {
  name: "j",
  start: 0,
  count: 3,
  epsilon: 10,
  interval: 60,
  duration: 5,
  isMerged: false,
  isConcurrent: true,
  askedAt: -10,
};

const plain = ({ start, interval, epsilon }: PlannedJob, number: number): Window => ({
  from: start + number * interval,
  to: start + number * interval + epsilon,
});

function at(instant: number, start: number, more: Partial<Attempt> = {}): Attempt {
  return { name: "j", instant, start, isComplete: true, isLost: false, ...more };
}

const check = (attempts: readonly Attempt[], job: Partial<PlannedJob> = {}, windowOf = plain, readAt = 1000) =>
  checkInstants([{ ...JOB, ...job }], attempts, windowOf, readAt);

const RIGHT = [at(0, 1), at(60, 69), at(120, 120)];

describe("the check of runs that say for which instant they are", () => {
  it("wants a complete run for each window that was over when all was read", () => {
    expect(check(RIGHT)).toEqual({ problems: [], demanded: 3 });
    expect(check(RIGHT.slice(0, 2)).problems).toEqual(["j is missing a run for 120 from 120 to 130: 0 at 1; 60 at 69"]);
    expect(check(RIGHT.slice(0, 2), {}, plain, 135)).toEqual({ problems: [], demanded: 2 });
    expect(check([at(0, 1, { isComplete: false }), ...RIGHT.slice(1)]).problems.length).toBe(1);
    expect(check([at(0, 11), ...RIGHT.slice(1)]).problems.length).toBe(1);
  });

  it("wants nothing in a window that is forgiven, but still nothing too early there", () => {
    const forgiven = (job: PlannedJob, number: number) => ({ ...plain(job, number), to: undefined });
    expect(check([], {}, forgiven)).toEqual({ problems: [], demanded: 0 });
    expect(check([at(60, 59)], {}, forgiven).problems).toEqual(["j runs for 60 at 59, before 60"]);
  });

  it("takes no run for another instant, but of who has one run for all that was missed", () => {
    const late = (job: PlannedJob, number: number) => ({ ...plain(job, number), to: 200 });
    const once = [at(0, 150)];
    expect(check(once, { count: 2 }, late).problems.length).toBe(1);
    expect(check(once, { count: 2, isMerged: true }, late).problems).toEqual([]);
    expect(check([at(0, 30)], { count: 2, isMerged: true }, late).problems.length).toBe(1);
  });

  it("finds runs for no instant of the schedule, which goes on for as long as one run for several counts once", () => {
    expect(check([...RIGHT, at(121, 121)]).problems[1]).toBe("j runs for 121, which is none of its instants");
    const beyond = [at(0, 1), at(60, 61), at(180, 181)];
    expect(check(beyond, { count: 3 }).problems[0]).toBe("j runs for 180, which is none of its instants");
    const merged = (job: PlannedJob, number: number) => ({ ...plain(job, number), to: undefined });
    expect(check(beyond, { isMerged: true }, merged).problems).toEqual([]);
    expect(check([...beyond, at(240, 241)], { isMerged: true }, merged).problems).toEqual([
      "j runs for 4 instants of 3",
    ]);
  });

  it("finds an instant that is had twice, unless the first attempt was lost", () => {
    expect(check([...RIGHT, at(60, 71)]).problems).toEqual(["j runs for 60 at 71, and has at 69"]);
    const lost = at(60, 61, { isLost: true, isComplete: false });
    expect(check([at(0, 1), lost, at(60, 69), at(120, 120)]).problems).toEqual([]);
  });

  it("finds runs beside each other of a job that does not want that", () => {
    const both = [at(0, 57), at(60, 60), at(120, 121)];
    const late = (job: PlannedJob, number: number) => ({ ...plain(job, number), to: 200 });
    expect(check(both, {}, late).problems).toEqual([]);
    expect(check(both, { isConcurrent: false }, late).problems).toEqual(["j runs for 60 at 60, beside its run of 57"]);
  });
});
