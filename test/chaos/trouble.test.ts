import { expect, it } from "vitest";
import { PLACES } from "./parts.ts";
import { cutsOf } from "./trouble.ts";

const side = ["etcd-1", "master-1"];
const told = (deaf: "both" | "side" | "others") =>
  new Set(cutsOf({ deaf }, side).map(({ from, to }) => `${from} ${to}`));
const others = PLACES.map(({ name }) => name).filter((name) => !side.includes(name));

it("halves hear nothing of one another, and everything of their own", () => {
  const cuts = told("both");
  expect(cuts.size).toBe(2 * side.length * others.length);
  for (const cut of ["agent-1 master-1", "master-1 agent-1"]) expect(cuts).toContain(cut);
  expect(cuts).not.toContain("etcd-1 master-1");
});

it("who is deaf still is heard", () => {
  expect(told("side")).toContain("agent-1 master-1");
  expect(told("side")).not.toContain("master-1 agent-1");
  expect(told("others")).toContain("master-1 agent-1");
  expect(told("others")).not.toContain("agent-1 master-1");
});
