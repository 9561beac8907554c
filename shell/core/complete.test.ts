import { expect, test } from "vitest";
import { allRows } from "../table/all.ts";
import { complete } from "./complete.ts";

const next = (line: string) => complete(line.split(" "), allRows);

test("first words, then verbs, then flags are offered", () => {
  expect(next("nod").words).toEqual(["node"]);
  expect(next("node d").words).toEqual(["drain", "deactivate"]);
  expect(next("node list --no").words).toEqual(["--no-header"]);
});

test("where a name of the cluster may stand, its kind is told", () => {
  expect(next("node show ").live).toBe("node");
  expect(next("task log -f ").live).toBe("task");
  expect(next("task log --framework ").live).toBe("framework");
  expect(next("completion ").words).toEqual(["bash", "zsh", "fish"]);
});

test("nothing is offered where anything may stand", () => {
  expect(next("run ")).toEqual({ words: [] });
  expect(next("weight set prod ")).toEqual({ words: [] });
});
