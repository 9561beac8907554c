import { expect, it } from "vitest";
import type { Entry } from "../history.ts";
import { checkLeaders } from "./leaders.ts";

const answer = (id: string, calledAt: number, at: number): Entry => ({ at, type: "leads", calledAt, id, from: id });
const problems = (...entries: Entry[]) => checkLeaders(entries).problems;

it("leaders that follow one another are right, also when an old one's last answer comes late", () => {
  expect(problems(answer("a", 1, 2), answer("a", 3, 4), answer("b", 5, 6), answer("b", 7, 8))).toEqual([]);
  expect(problems(answer("a", 1, 2), answer("b", 5, 6), answer("a", 3, 9), answer("b", 10, 11))).toEqual([]);
});

it("one that answers as the leader what was asked after another one has is wrong", () => {
  expect(problems(answer("a", 1, 2), answer("b", 3, 4), answer("a", 5, 6))).toHaveLength(1);
});
