import { describe, expect, it } from "vitest";
import { allOut, FOREVER, Outages, shown, workedBy } from "./outages.ts";

const span = (fromMs: number, toMs: number) => ({ fromMs, toMs });

describe("the time in which all work", () => {
  it("does not count while somebody cannot", () => {
    expect(workedBy(100, 10, [])).toBe(110);
    expect(workedBy(100, 10, [span(105, 120)])).toBe(125);
    expect(workedBy(100, 10, [span(90, 120)])).toBe(130);
    expect(workedBy(100, 10, [span(0, 50), span(110, 120)])).toBe(110);
    expect(workedBy(100, 10, [span(105, FOREVER)])).toBe(FOREVER);
  });

  it("counts overlapping outages once, in whatever order they are told", () => {
    expect(workedBy(0, 10, [span(8, 30), span(5, 20), span(6, 7)])).toBe(35);
  });

  it("counts agents as out only while all of them are", () => {
    expect(allOut([[span(0, 10), span(20, 30)], [span(5, 25)]])).toEqual([span(5, 10), span(20, 25)]);
    expect(allOut([[span(0, 10)], []])).toEqual([]);
  });
});

describe("an instant by a clock that is set", () => {
  const outages = new Outages(0);
  outages.setClock(100, 50);
  outages.setClock(200, -80);

  it("is shown when the clock has come to it, again when it was set back since, and not before who asks for it is there", () => {
    expect(shown(60, outages.skews, 0)).toEqual([span(60, 100), span(100, 200), span(200, FOREVER)]);
    expect(shown(130, outages.skews, 0)).toEqual([span(100, 200), span(200, FOREVER)]);
    expect(shown(220, outages.skews, 0)).toEqual([span(170, 200), span(250, FOREVER)]);
    expect(shown(60, outages.skews, 150)[0]).toEqual(span(150, 200));
  });

  it("may pass unnoticed for a moment", () => {
    expect(outages.of("clock")).toEqual([span(100, 100), span(200, 200)]);
  });
});

it("a machine has lost power in between, or has not", () => {
  const outages = new Outages(0);
  outages.lostPower("a1", 50);
  expect([outages.hasLostPower("a1", 50, 60), outages.hasLostPower("a1", 51, 60)]).toEqual([true, false]);
  expect(outages.hasLostPower("a2", 0, 100)).toBe(false);
});
