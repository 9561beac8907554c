import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Interval } from "./next/interval.ts";
import { launched } from "./next/interval.ts";
import { parseCron } from "./next/parse-cron.ts";
import { intervalText, parseInterval, showInstant } from "./next/parse-interval.ts";
import { nextFiring, nextFirings, type Schedule } from "./next.ts";

const at = (text: string) => Temporal.Instant.from(text).epochMilliseconds;

function cron(text: string, zone = "UTC"): Schedule {
  const parsed = parseCron(text);
  if ("error" in parsed) throw new Error(parsed.error);
  return { type: "cron", fields: parsed.value, zone };
}

function interval(text: string, zone = ""): Interval {
  const parsed = parseInterval(text, zone, at("2026-01-01T00:00:00Z"));
  if ("error" in parsed) throw new Error(parsed.error);
  return parsed.value;
}

/** The next firings, as clocks of the schedule's zone show them. */
function shown(schedule: Schedule, after: string, count: number): string[] {
  return nextFirings(schedule, at(after), count).map((ms) => showInstant(ms, schedule.zone).replace(":00.000", ""));
}

describe("a cron expression", () => {
  test("fires at the first matching minute strictly after the instant", () => {
    const daily = cron("0 9 * * *");
    expect(shown(daily, "2026-03-01T08:59:59.999Z", 1)).toEqual(["2026-03-01T09:00Z"]);
    expect(shown(daily, "2026-03-01T09:00:00Z", 2)).toEqual(["2026-03-02T09:00Z", "2026-03-03T09:00Z"]);
  });

  test("needs the day of the month and the day of the week to match both", () => {
    expect(shown(cron("0 0 13 * FRI"), "2026-01-01T00:00:00Z", 3)).toEqual([
      "2026-02-13T00:00Z",
      "2026-03-13T00:00Z",
      "2026-11-13T00:00Z",
    ]);
  });

  test("fires on February 29 in leap years only, and not in 2100", () => {
    expect(shown(cron("0 0 29 2 *"), "2095-01-01T00:00:00Z", 2)).toEqual(["2096-02-29T00:00Z", "2104-02-29T00:00Z"]);
  });

  test("waits for a February 29 on a Monday for as long as it takes", () => {
    expect(shown(cron("0 0 29 2 MON"), "2026-01-01T00:00:00Z", 2)).toEqual(["2044-02-29T00:00Z", "2072-02-29T00:00Z"]);
  });

  test("passes over months that have no 31st", () => {
    expect(shown(cron("0 0 31 * *"), "2026-01-31T00:00:00Z", 3)).toEqual([
      "2026-03-31T00:00Z",
      "2026-05-31T00:00Z",
      "2026-07-31T00:00Z",
    ]);
  });

  test("knows the last day, the last Friday, the second Monday, and weekdays near a day", () => {
    const first = (text: string) => shown(cron(`0 0 ${text}`), "2026-01-31T12:00:00Z", 1)[0];
    expect(first("L * *")).toBe("2026-02-28T00:00Z");
    expect(first("L-2 * *")).toBe("2026-02-26T00:00Z");
    expect(first("LW * *")).toBe("2026-02-27T00:00Z");
    expect(first("1W * *")).toBe("2026-02-02T00:00Z");
    expect(first("15W * *")).toBe("2026-02-16T00:00Z");
    expect(first("? * FRIL")).toBe("2026-02-27T00:00Z");
    expect(first("* * MON#2")).toBe("2026-02-09T00:00Z");
  });

  test("ends with its last year", () => {
    expect(shown(cron("0 0 1 1 * 2027-2028"), "2026-06-01T00:00:00Z", 5)).toEqual([
      "2027-01-01T00:00Z",
      "2028-01-01T00:00Z",
    ]);
    expect(nextFiring(cron("0 0 1 1 * 2020"), at("2026-01-01T00:00:00Z"))).toBeUndefined();
  });
});

describe("when clocks change, each local time fires once", () => {
  test("one that clocks jump over fires at the jump", () => {
    expect(shown(cron("30 2 * * *", "Europe/Berlin"), "2026-03-28T12:00:00Z", 2)).toEqual([
      "2026-03-29T03:00+02:00",
      "2026-03-30T02:30+02:00",
    ]);
  });

  test("several that clocks jump over fire together, and with the one that stands at the end of the jump", () => {
    expect(shown(cron("*/20 1-3 * * *", "Europe/Berlin"), "2026-03-29T00:30:00Z", 3)).toEqual([
      "2026-03-29T01:40+01:00",
      "2026-03-29T03:00+02:00",
      "2026-03-29T03:20+02:00",
    ]);
  });

  test("one that comes twice fires the first time", () => {
    expect(shown(cron("30 2 * * *", "Europe/Berlin"), "2026-10-24T12:00:00Z", 2)).toEqual([
      "2026-10-25T02:30+02:00",
      "2026-10-26T02:30+01:00",
    ]);
    expect(shown(cron("30 2 * * *", "Europe/Berlin"), "2026-10-25T00:30:00Z", 1)).toEqual(["2026-10-26T02:30+01:00"]);
  });

  test("in the half hour of Lord Howe", () => {
    expect(shown(cron("*/15 * * * *", "Australia/Lord_Howe"), "2026-10-03T15:20:00Z", 3)).toEqual([
      "2026-10-04T02:30+11:00",
      "2026-10-04T02:45+11:00",
      "2026-10-04T03:00+11:00",
    ]);
    expect(shown(cron("*/15 * * * *", "Australia/Lord_Howe"), "2026-04-04T14:40:00Z", 2)).toEqual([
      "2026-04-05T01:45+11:00",
      "2026-04-05T02:00+10:30",
    ]);
  });

  test("on the day that Samoa left out", () => {
    expect(shown(cron("0 10 * * *", "Pacific/Apia"), "2011-12-29T00:00:00Z", 3)).toEqual([
      "2011-12-29T10:00-10:00",
      "2011-12-31T00:00+14:00",
      "2011-12-31T10:00+14:00",
    ]);
  });

  test("at the midnight that Brazil's summers left out", () => {
    expect(shown(cron("0 0 * * *", "America/Sao_Paulo"), "2018-11-03T12:00:00Z", 2)).toEqual([
      "2018-11-04T01:00-02:00",
      "2018-11-05T00:00-02:00",
    ]);
  });
});

describe("a repeating interval", () => {
  test("fires from its start on, as often as it says", () => {
    expect(shown(interval("R3/2026-01-01T00:00:00Z/PT10M"), "2025-01-01T00:00:00Z", 9)).toEqual([
      "2026-01-01T00:00Z",
      "2026-01-01T00:10Z",
      "2026-01-01T00:20Z",
    ]);
    expect(shown(interval("R0/2026-01-01T00:00:00Z/PT10M"), "2025-01-01T00:00:00Z", 9)).toEqual([]);
  });

  test("begins a second ago when it says no start", () => {
    expect(showInstant(nextFiring(interval("R1//P1D"), 0)!, "UTC")).toBe("2025-12-31T23:59:59.000Z");
  });

  test("of a day keeps the clocks' time, and of 24 hours the elapsed", () => {
    const start = "2026-03-28T02:30:00";
    expect(shown(interval(`R3/${start}/P1D`, "Europe/Berlin"), "2026-01-01T00:00:00Z", 9)).toEqual([
      "2026-03-28T02:30+01:00",
      "2026-03-29T03:00+02:00",
      "2026-03-30T02:30+02:00",
    ]);
    expect(shown(interval(`R3/${start}/PT24H`, "Europe/Berlin"), "2026-01-01T00:00:00Z", 9)).toEqual([
      "2026-03-28T02:30+01:00",
      "2026-03-29T03:30+02:00",
      "2026-03-30T03:30+02:00",
    ]);
  });

  test("monthly from the 31st keeps to the end of shorter months, and comes back to the 31st", () => {
    expect(shown(interval("R4/2024-01-31T12:00:00Z/P1M"), "2024-01-01T00:00:00Z", 9)).toEqual([
      "2024-01-31T12:00Z",
      "2024-02-29T12:00Z",
      "2024-03-31T12:00Z",
      "2024-04-30T12:00Z",
    ]);
  });

  test("yearly from February 29 falls on the 28th between leap years", () => {
    expect(shown(interval("R/2024-02-29T00:00:00Z/P1Y"), "2026-06-01T00:00:00Z", 2)).toEqual([
      "2027-02-28T00:00Z",
      "2028-02-29T00:00Z",
    ]);
  });

  test("takes the clock's time to its zone, and without one the offset counts", () => {
    const next = (text: string, zone?: string) => showInstant(nextFiring(interval(text, zone), 0)!, "UTC");
    expect(next("R1/2026-07-01T09:00:00+09:00/P1D", "Europe/Berlin")).toBe("2026-07-01T07:00:00.000Z");
    expect(next("R1/2026-07-01T09:00:00+09:00/P1D")).toBe("2026-07-01T00:00:00.000Z");
    expect(next("R1/2026-07-01T09:00:00/P1D")).toBe("2026-07-01T09:00:00.000Z");
  });

  test("of each second since long ago is asked as cheaply as any, and is exact", () => {
    const old = interval("R/1970-01-02T00:00:00Z/PT1S");
    expect(nextFirings(old, at("2026-01-01T00:00:00.5Z"), 2)).toEqual([
      at("2026-01-01T00:00:01Z"),
      at("2026-01-01T00:00:02Z"),
    ]);
  });

  test("launched late is one run for all that were missed, and counts once", () => {
    const left = launched(interval("R5/2026-01-01T00:00:00Z/PT1H"), at("2026-01-01T03:30:00Z"));
    expect(intervalText(left)).toBe("R4/2026-01-01T04:00:00.000Z/PT1H");
    expect(intervalText(launched(left, at("2026-01-01T04:00:00.010Z")))).toBe("R3/2026-01-01T05:00:00.000Z/PT1H");
  });

  test("never ends in an error, however far it goes", () => {
    const far = interval("R/2026-01-01T00:00:00Z/P9999Y");
    expect(nextFirings(far, 0, 100).length).toBeLessThan(100);
  });

  const periods = fc.record({
    years: fc.integer({ min: 0, max: 2 }),
    months: fc.integer({ min: 0, max: 14 }),
    weeks: fc.integer({ min: 0, max: 3 }),
    days: fc.integer({ min: 0, max: 40 }),
    hours: fc.integer({ min: 0, max: 50 }),
    minutes: fc.integer({ min: 0, max: 90 }),
  });
  const zones = fc.constantFrom(
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Pacific/Apia",
  );

  test("fires when Temporal says, added from the start, and a jump of clocks ends it early only", () => {
    fc.assert(
      fc.property(
        periods,
        zones,
        fc.integer({ min: 0, max: 40 * 365 * 1440 }),
        fc.nat(30),
        (parts, zone, minute, skip) => {
          fc.pre(Object.values(parts).some((part) => part > 0));
          const { years, months, weeks, days, hours, minutes } = parts;
          const start = new Temporal.PlainDateTime(1990, 1, 1).add({ minutes: minute });
          const text = `R/${start}/P${years}Y${months}M${weeks}W${days}DT${hours}H${minutes}M`;
          const schedule = interval(text, zone);
          const expected = (k: number) => {
            const date = { years: years * k, months: months * k, weeks: weeks * k, days: days * k };
            const local = start.add(date);
            const time = { hours: hours * k, minutes: minutes * k };
            const zoned = local.toZonedDateTime(zone, { disambiguation: "earlier" });
            const isJumpedOver = !zoned.toPlainDateTime().equals(local);
            const first = isJumpedOver ? zoned.getTimeZoneTransition("next")! : zoned;
            return first.toInstant().add(time).epochMilliseconds;
          };
          const until = expected(skip);
          const found = nextFirings(schedule, until, 3);
          const all = Array.from({ length: 40 }, (_, k) => expected(skip + k)).filter((ms) => ms > until);
          expect(found).toEqual([...new Set(all)].slice(0, 3));
        },
      ),
      { numRuns: 300 },
    );
  });
});

test("fires in years that are more than a round of the calendar away", () => {
  expect(nextFirings(cron("0 0 29 2 * 2800,2999"), 0, 2)).toEqual([Date.UTC(2800, 1, 29)]);
});
