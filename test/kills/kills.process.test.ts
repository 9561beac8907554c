import { hasStrace } from "@meseta/drivers/store/sqlite/crash.rig.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { describe, expect, it } from "vitest";
import { Ledger } from "./ledger.ts";
import { play } from "./play.ts";
import { masterSubject } from "./subjects/master.ts";
import { tearImages } from "./torn.ts";

describe("who compares what was acknowledged with what is there", () => {
  const shapes = {
    writers: 2,
    shape: (_: number, number: number) => (number === 0 ? "nothing" : `a=${number} b=${number}`),
  };
  /** Writer 0 was answered twice, and asked a third time. */
  const asked = (): Ledger => {
    const ledger = new Ledger(shapes);
    for (let i = 0; i < 2; i++) {
      ledger.ask(0);
      ledger.acknowledge(0);
    }
    ledger.ask(0);
    return ledger;
  };

  it("takes a write without an answer for done, or not done", () => {
    for (const number of [2, 3]) expect(asked().compare(new Map([[0, `a=${number} b=${number}`]]))).toEqual([]);
  });

  it.each([
    ["lost", new Map([[0, "a=1 b=1"]])],
    ["lost with all else", new Map()],
    ["half there", new Map([[0, "a=3 b=2"]])],
    [
      "there although nobody asked",
      new Map([
        [0, "a=2 b=2"],
        [1, "a=1 b=1"],
      ]),
    ],
    [
      "of nobody",
      new Map([
        [0, "a=2 b=2"],
        [7, "a=1 b=1"],
      ]),
    ],
  ])("says which is %s", (_, found) => {
    expect(asked().compare(found)).toHaveLength(1);
  });

  it("goes on from what it has found", () => {
    const ledger = asked();
    ledger.compare(new Map([[0, "a=3 b=3"]]));
    expect(ledger.ask(0)).toBe(4);
    expect(ledger.compare(new Map([[0, "a=2 b=2"]]))).toHaveLength(1);
  });
});

it("a master that is killed while it is written to has all that it acknowledged, and nothing by halves", async () => {
  const asked = { kills: 3, random: createRandom(9), loadMs: 200, leastWrites: 100 };
  const { problems, acknowledged, whileStarting } = await play(masterSubject, asked);
  expect({ problems, whileStarting }).toEqual({ problems: [], whileStarting: 1 });
  expect(acknowledged).toBeGreaterThanOrEqual(200);
});

it.runIf(hasStrace)("a store of which the unflushed was lost or torn has what it answered", async () => {
  const { problems, images } = await tearImages(60, createRandom(2));
  expect({ problems, images }).toEqual({ problems: [], images: 60 });
});
