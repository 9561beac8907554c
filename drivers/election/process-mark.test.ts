import { expect, it } from "vitest";
import { isOver, ownMark, type ProcessMark, readMark } from "./process-mark.ts";

const own = ownMark()!;
/** More than Linux can be told to give. */
const NOBODY = 2 ** 22 + 1;

it("a process that runs is not over", () => {
  expect(own.pid).toBe(process.pid);
  expect(isOver(own)).toBe(false);
});

it("one whose pid nobody has is over, and so is one whose pid another one has by now", () => {
  expect(isOver({ ...own, pid: NOBODY })).toBe(true);
  expect(isOver({ ...own, started: own.started - 1 })).toBe(true);
});

it("of one of another machine, container, or life of the machine nothing can be told", () => {
  for (const within of ["", own.within.replace(/^\S+/, "another-boot"), own.within.replace(/pid:\S+/, "pid:[1]")])
    expect(isOver({ ...own, within, pid: NOBODY })).toBe(false);
});

it("is read as it was written, and anything else is no mark", () => {
  expect(readMark(JSON.parse(JSON.stringify(own)))).toEqual(own);
  const broken: unknown[] = [undefined, null, 1, "", [], {}, { ...own, pid: 0 }, { ...own, pid: -1 }];
  for (const key of ["within", "pid", "started"] satisfies (keyof ProcessMark)[])
    broken.push({ ...own, [key]: undefined }, { ...own, [key]: {} });
  for (const value of broken) expect(readMark(value)).toBeUndefined();
});
