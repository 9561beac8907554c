import { expect, test } from "vitest";
import { helpOf, optionsIn } from "./options.ts";

const OPTIONS = {
  runs: { type: "string", value: "N", default: "20", about: "how many" },
  only: { type: "string", value: "NAME", multiple: true, about: "those of this name" },
  quick: { type: "boolean", about: "the short ones" },
  part: { type: "string", value: "NAMES", choices: ["head", "tail"], about: "which" },
  log: { type: "string", value: "FILE", bare: "-", about: "all of it" },
} as const;

test("options have the values that are given, or their defaults", () => {
  expect(optionsIn(["--only", "a", "--only", "b", "--quick"], OPTIONS)).toEqual({
    values: { runs: "20", only: ["a", "b"], quick: true },
  });
});

test("what is not known, lacks its value or is no number is told", () => {
  expect(optionsIn(["--rums", "3"], OPTIONS)).toEqual({ problem: "Unknown option '--rums'" });
  expect(optionsIn(["--runs", "x3"], OPTIONS)).toEqual({ problem: "--runs x3 is not a whole number" });
  expect(optionsIn(["all"], OPTIONS)).toMatchObject({ problem: expect.stringContaining("'all'") });
  expect(optionsIn(["--runs"], OPTIONS)).toMatchObject({ problem: expect.stringContaining("--runs") });
});

test("of what there are only a few, one that is none of them is told with those that there are", () => {
  expect(optionsIn(["--part", "tail,head"], OPTIONS)).toMatchObject({ values: { part: "tail,head" } });
  expect(optionsIn(["--part", "head,hand"], OPTIONS)).toEqual({ problem: "--part head,hand: there are head, tail" });
});

test("an option that means something without a value may be given without one", () => {
  expect(optionsIn(["--log"], OPTIONS)).toMatchObject({ values: { log: "-" } });
  expect(optionsIn(["--log", "--runs", "3"], OPTIONS)).toMatchObject({ values: { log: "-", runs: "3" } });
  expect(optionsIn(["--log", "file"], OPTIONS)).toMatchObject({ values: { log: "file" } });
});

test("the help has a line for each", () => {
  expect(optionsIn(["--help", "--runs", "x"], OPTIONS)).toEqual({ problem: undefined });
  expect(helpOf("play", "Plays.", OPTIONS).split("\n")).toEqual([
    "Usage: npm run play -- [options]",
    "",
    "Plays.",
    "",
    "  --runs N       how many (default 20)",
    "  --only NAME    those of this name; may be given more than once",
    "  --quick        the short ones",
    "  --part NAMES   which",
    "  --log FILE     all of it",
    "  --help         this",
    "",
  ]);
});
