import { expect, test } from "vitest";
import { lastPart, match, shorten } from "./name.ts";

const uuid = "6a0932b4-3d0e-4beb-9636-10522e5bbe9b";
const other = "0b0932b4-3d0e-4beb-9636-10522e5bbe9b";
const agents = [
  { item: "a", id: `${uuid}-S1`, names: ["alpha.local"] },
  { item: "b", id: `${uuid}-S10`, names: ["beta.local"] },
  { item: "c", id: `${other}-S2`, names: ["beta2.local"] },
];

test("an id, its end, a name or a unique beginning of them finds the thing", () => {
  const words = [`${uuid}-S1`, "S1", "S10", "0b0", "alpha", "beta.local"];
  expect(words.map((word) => match(agents, word))).toEqual(
    ["a", "a", "b", "c", "a", "b"].map((found) => ({ found, candidates: [] })),
  );
});

test("a word that fits several names them, and one that fits none has no candidates", () => {
  expect(match(agents, "beta")).toEqual({ candidates: [`${uuid}-S10`, `${other}-S2`] });
  expect(match(agents, "gamma")).toEqual({ candidates: [] });
  expect(match(agents, "")).toEqual({ candidates: [] });
});

test("ids are shortened only as far as they stay apart", () => {
  const short = shorten([`${uuid}-0001`, `${other}-0001`, `${uuid}-0002`, "web.1"]);
  expect([`${uuid}-0001`, `${uuid}-0002`, "web.1"].map(short)).toEqual([`${uuid}-0001`, "0002", "web.1"]);
  expect(lastPart("plain")).toBe("plain");
});
