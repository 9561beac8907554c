import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JobSchedule } from "../job.ts";
import { nextFirings } from "../next.ts";
import { readWhen, scheduleOf } from "../when.ts";
import { due, type Standing } from "./due.ts";

const START = 1_767_607_200_000;
const MINUTE = 60_000;

function aSchedule(text: string, more: Partial<JobSchedule> = {}): JobSchedule {
  const read = readWhen(text, "", START);
  if ("error" in read) throw new Error(read.error);
  return { id: "s", when: read.value, isEnabled: true, overlap: "wait", catchUp: "ONE", ...more };
}

const everyMinute = (more: Partial<JobSchedule> = {}) => aSchedule("R/2026-01-05T10:00:00Z/PT1M", more);
const cron = (more: Partial<JobSchedule> = {}) => aSchedule("* * * * *", more);

function standing(minutes: number, more: Partial<Standing> = {}): Standing {
  return {
    untilMs: START - 1,
    nowMs: START + minutes * MINUTE,
    freshMs: START - 1,
    isBusy: false,
    isQueued: false,
    mostCaughtUp: 100,
    ...more,
  };
}

const at = (...minutes: number[]) => minutes.map((minute) => START + minute * MINUTE);
const leftOf = ({ schedule: { when } }: { schedule: JobSchedule }) =>
  when.type === "interval" ? [when.first, when.times] : [];

describe("a schedule that is not due", () => {
  it("fires nothing and stands where it stood", () => {
    const schedule = everyMinute();
    expect(due(schedule, standing(-1))).toEqual({ fires: [], schedule, untilMs: START - 1 });
  });
});

describe("firings that were missed", () => {
  it("are one run with ONE, for the first of them", () => {
    expect(due(cron(), standing(5)).fires).toEqual(at(0));
    expect(due(everyMinute(), standing(5)).fires).toEqual(at(0));
  });

  it("are a run each with EACH, and where one waits for the other the first", () => {
    expect(due(cron({ catchUp: "EACH", overlap: "start" }), standing(2)).fires).toEqual(at(0, 1, 2));
    const waiting = due(cron({ catchUp: "EACH" }), standing(2));
    expect([waiting.fires, waiting.untilMs]).toEqual([at(0), START]);
  });

  it("are the newest when there are more than are made up for", () => {
    const each = { catchUp: "EACH", overlap: "start" } as const;
    expect(due(cron(each), standing(1_000_000, { mostCaughtUp: 2 })).fires).toEqual(at(999_999, 1_000_000));
    expect(due(everyMinute(each), standing(1_000_000, { mostCaughtUp: 2 })).fires).toEqual(at(999_999, 1_000_000));
  });

  it("are none with NONE when nobody was there, and those in between are done with", () => {
    const dropped = due(cron({ catchUp: "NONE" }), standing(5.5, { freshMs: START + 5.2 * MINUTE }));
    expect([dropped.fires, dropped.untilMs]).toEqual([[], START + 5.5 * MINUTE]);
  });

  it("are not missed with NONE when somebody was there and is late", () => {
    expect(due(cron({ catchUp: "NONE", overlap: "start" }), standing(0.5)).fires).toEqual(at(0));
    expect(due(cron({ catchUp: "NONE", overlap: "start" }), standing(1.9)).fires).toEqual(at(1));
    // The clock has jumped: as if nobody had been there, but for the last one.
    expect(due(cron({ catchUp: "NONE", overlap: "start" }), standing(600)).fires).toEqual(at(600));
  });
});

describe("firings while a run is under way", () => {
  const busy = { isBusy: true };

  it("start another one, are dropped, or wait", () => {
    expect(due(cron({ overlap: "start" }), standing(0, busy)).fires).toEqual(at(0));
    expect(due(cron({ overlap: "drop" }), standing(0, busy))).toMatchObject({ fires: [], untilMs: START });
    expect(due(cron({ overlap: "wait" }), standing(0, busy))).toMatchObject({ fires: [], untilMs: START - 1 });
  });

  it("are dropped rather than wait with NONE", () => {
    expect(due(cron({ catchUp: "NONE" }), standing(0, busy))).toMatchObject({ fires: [], untilMs: START });
  });

  it("are that run with ONE while it is queued, and count once with it", () => {
    const queued = { isBusy: true, isQueued: true };
    const three = aSchedule("R3/2026-01-05T10:00:00Z/PT1M");
    const merged = due(three, standing(1, queued));
    expect([merged.fires, merged.untilMs, leftOf(merged)]).toEqual([[], START + MINUTE, [2, 3]]);
    expect(due(cron({ overlap: "start" }), standing(0, queued)).fires).toEqual([]);
  });

  it("start one each with EACH though another is queued", () => {
    const each = cron({ catchUp: "EACH", overlap: "start" });
    expect(due(each, standing(1, { isBusy: true, isQueued: true })).fires).toEqual(at(0, 1));
  });
});

describe("an interval of so many times", () => {
  const three = (more: Partial<JobSchedule>) => aSchedule("R3/2026-01-05T10:00:00Z/PT1M", more);

  it("uses up one for the run that stands for all missed ones", () => {
    expect(leftOf(due(three({}), standing(7)))).toEqual([8, 2]);
  });

  it("uses up each that was had or dropped with EACH and NONE", () => {
    expect(leftOf(due(three({ catchUp: "EACH" }), standing(1)))).toEqual([1, 2]);
    const all = due(three({ catchUp: "EACH", overlap: "start" }), standing(60));
    expect([all.fires, leftOf(all)]).toEqual([at(0, 1, 2), [61, 0]]);
    const dropped = due(three({ catchUp: "NONE" }), standing(1, { freshMs: START + 2 * MINUTE }));
    expect([dropped.fires, leftOf(dropped)]).toEqual([[], [2, 1]]);
  });
});

const anyMore = fc.record({
  overlap: fc.constantFrom("start", "drop", "wait"),
  catchUp: fc.constantFrom("EACH", "ONE", "NONE"),
}) as fc.Arbitrary<Pick<JobSchedule, "overlap" | "catchUp">>;
const anyText = fc.constantFrom(
  "* * * * *",
  "*/7 * * * *",
  "13 9-11 * * *",
  "R/2026-01-05T10:00:00Z/PT1M",
  "R5/2026-01-05T10:03:30Z/PT7M",
  "R/2026-01-05T09:00:00Z/P1D",
);
const anyLooks = fc.array(
  fc.record({
    passMs: fc.oneof(fc.nat(3 * MINUTE), fc.nat(600 * MINUTE)),
    isBusy: fc.boolean(),
    isQueued: fc.boolean(),
    isNewLife: fc.boolean(),
  }),
  { maxLength: 12 },
);

describe("whatever happens", () => {
  it("no firing is had twice, none before its time, and positions never go back", () => {
    fc.assert(
      fc.property(anyText, anyMore, anyLooks, (text, more, looks) => {
        let [schedule, untilMs, nowMs, freshMs] = [aSchedule(text, more), START - 1, START, START - 1];
        const had: number[] = [];
        for (const { passMs, isBusy, isQueued, isNewLife } of looks) {
          nowMs += passMs;
          if (isNewLife) freshMs = nowMs - Math.floor(passMs / 2);
          const next = due(schedule, {
            untilMs,
            nowMs,
            freshMs,
            isBusy,
            isQueued: isBusy && isQueued,
            mostCaughtUp: 20,
          });
          for (const fire of next.fires) {
            expect(fire > untilMs && fire <= nowMs && fire <= next.untilMs).toBe(true);
            had.push(fire);
          }
          expect(next.untilMs).toBeGreaterThanOrEqual(untilMs);
          ({ schedule, untilMs } = next);
        }
        expect(had).toEqual([...new Set(had)].sort((one, other) => one - other));
        // A run that stands for several counts once, so it may go on for longer than five periods.
        const endless = aSchedule(text.replace("R5", "R"));
        const possible = new Set(nextFirings(scheduleOf(endless.when), START - 1, 8_000));
        expect(had.filter((fire) => !possible.has(fire))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it("EACH has every firing when it may overlap and nobody stays away for too long", () => {
    const passes = fc.array(fc.nat(15 * MINUTE), { maxLength: 30 });
    fc.assert(
      fc.property(anyText, passes, (text, waits) => {
        let schedule = aSchedule(text, { catchUp: "EACH", overlap: "start" });
        let [untilMs, nowMs] = [START - 1, START];
        const had: number[] = [];
        for (const wait of [0, ...waits]) {
          nowMs += wait;
          const next = due(schedule, standing(0, { untilMs, nowMs, isBusy: true }));
          had.push(...next.fires);
          ({ schedule, untilMs } = next);
        }
        const all = nextFirings(scheduleOf(aSchedule(text).when), START - 1, 500).filter((fire) => fire <= nowMs);
        expect(had).toEqual(all);
      }),
      { numRuns: 100 },
    );
  });
});
