import { expect, test } from "vitest";
import { allRows } from "../table/all.ts";
import { route } from "./route.ts";

const told = (line: string) => {
  const found = route(
    line.split(" ").filter((word) => word !== ""),
    allRows,
  );
  if (found.type === "command") return [found.row.path, ...found.rest].join(" | ");
  return found.type === "overview" ? `overview ${found.noun}` : `unknown ${found.words}: ${found.suggestion}`;
};

test("the first words name the command, the others are its own", () => {
  expect(told("node list -o json")).toBe("node list | -o | json");
  expect(told("run node list")).toBe("run | node | list");
  expect(told("--master a:5050 status")).toBe("status | --master | a:5050");
  expect(told("--master=a:5050 node show S0")).toBe("node show | --master=a:5050 | S0");
  expect(told("--version")).toBe("version");
});

test("a noun alone shows its page, and so does nothing at all", () => {
  expect(["", "--help", "node", "node --help"].map(told)).toEqual([
    "overview undefined",
    "overview undefined",
    "overview node",
    "overview node",
  ]);
});

test("an unknown word suggests the nearest command, at its own level", () => {
  expect(["nodee list", "node lst", "kubectl get", "tsak"].map(told)).toEqual([
    "unknown nodee: node",
    "unknown node lst: node list",
    "unknown kubectl: undefined",
    "unknown tsak: task",
  ]);
});
