import { expect, test } from "vitest";
import { nearest } from "./nearest.ts";

const words = ["node", "task", "framework", "quota", "run"];

test("a slip of the finger finds the word that was meant", () => {
  expect(["nod", "tsak", "framwork", "quotas", "rnu", "Task"].map((word) => nearest(word, words))).toEqual([
    "node",
    "task",
    "framework",
    "quota",
    "run",
    "task",
  ]);
});

test("a word that is near to nothing suggests nothing", () => {
  expect(nearest("kubectl", words)).toBeUndefined();
  expect(nearest("", words)).toBeUndefined();
});
