import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Alarm } from "./alarm.ts";

beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => vi.useRealTimers());

function alarm() {
  const rung: string[] = [];
  let nowMs = 0;
  const made = new Alarm<string>(
    () => nowMs,
    (event) => rung.push(event),
  );
  const pass = (ms: number) => {
    nowMs += ms;
    vi.advanceTimersByTime(ms);
  };
  const setClock = (ms: number) => void (nowMs += ms);
  return { rung, made, pass, setClock };
}

test("events ring when they are due, in order of time, also when an earlier one is added later", () => {
  const { rung, made, pass } = alarm();
  made.add(100, "late");
  made.add(10, "early");
  made.add(10, "early too");
  pass(9);
  expect(rung).toEqual([]);
  pass(1);
  expect(rung).toEqual(["early", "early too"]);
  pass(100);
  expect(rung).toEqual(["early", "early too", "late"]);
});

test("what is due already rings soon, not at once", () => {
  const { rung, made, pass } = alarm();
  made.add(-5, "past");
  expect(rung).toEqual([]);
  pass(1);
  expect(rung).toEqual(["past"]);
});

test("what is due in months waits, though a timer cannot wait so long", () => {
  const { rung, made, pass } = alarm();
  const dayMs = 86_400_000;
  made.add(60 * dayMs, "in two months");
  for (let day = 0; day < 59; day++) pass(dayMs);
  expect(rung).toEqual([]);
  pass(dayMs);
  expect(rung).toEqual(["in two months"]);
});

test("what is due by a clock that was set ahead rings soon", () => {
  const { rung, made, pass, setClock } = alarm();
  made.add(3_600_000, "in an hour");
  setClock(3_600_000);
  pass(10_000);
  expect(rung).toEqual(["in an hour"]);
});

test("when the clock is set back all rings, early: who waits may have to wait for something else now", () => {
  const { rung, made, pass, setClock } = alarm();
  made.add(60_000, "in a minute");
  made.add(3_600_000, "in an hour");
  setClock(-3_600_000);
  pass(10_000);
  expect(rung).toEqual(["in a minute", "in an hour"]);
  pass(7_200_000);
  expect(rung.length).toBe(2);
});

test("cleared, nothing rings, and it can be used again", () => {
  const { rung, made, pass } = alarm();
  made.add(10, "old");
  made.clear();
  pass(20);
  made.add(30, "new");
  pass(20);
  expect(rung).toEqual(["new"]);
});
