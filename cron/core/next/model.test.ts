import { Cron } from "croner";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextFiring, nextFirings } from "../next.ts";
import { expressions, times } from "./expressions.rig.ts";
import { type Expression, firings, type Minute, minutesOf, textOf } from "./model.rig.ts";
import { parseCron } from "./parse-cron.ts";

const ZONES = [
  "Europe/Berlin",
  "America/New_York",
  "Australia/Lord_Howe",
  "Asia/Kolkata",
  "America/Sao_Paulo",
  "Africa/Casablanca",
  "Pacific/Apia",
  "Asia/Tehran",
];
const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;
const utc = (year: number, month = 1, day = 1) => Date.UTC(year, month - 1, day);

/** The hours around each change of the zone's clocks in these years, minute by minute. */
function* changesOf(zone: string, fromYear: number, untilYear: number): Generator<Minute[]> {
  let at = Temporal.Instant.fromEpochMilliseconds(utc(fromYear)).toZonedDateTimeISO(zone);
  for (;;) {
    const next = at.getTimeZoneTransition("next");
    if (next === null || next === undefined || next.year >= untilYear) return;
    yield minutesOf(zone, next.epochMilliseconds - 4 * HOUR, next.epochMilliseconds + 4 * HOUR);
    at = next;
  }
}

function ours(expression: Expression, zone: string, minutes: readonly Minute[]): number[] {
  const parsed = parseCron(textOf(expression));
  if ("error" in parsed) return [];
  const schedule = { type: "cron", fields: parsed.value, zone } as const;
  const found: number[] = [];
  let at = nextFiring(schedule, minutes[0]!.atMs);
  for (; at !== undefined && at <= minutes.at(-1)!.atMs; at = nextFiring(schedule, at)) found.push(at);
  return found;
}

describe("cron fires as a slow model does that goes through the minutes one by one", () => {
  for (const zone of ZONES) {
    test(`around each change of clocks of 30 years in ${zone}`, () => {
      const changes = [...changesOf(zone, 1996, 2026)];
      fc.assert(
        fc.property(times, (expression) => {
          for (const minutes of changes) expect(ours(expression, zone, minutes)).toEqual(firings(expression, minutes));
        }),
        { numRuns: 10 },
      );
    });
  }

  test("through whole years, with all forms of days", () => {
    const minutes = minutesOf("UTC", utc(2024), utc(2024) + 2 * YEAR);
    const daily: Partial<Expression> = {
      minute: { text: "17", holds: (minute) => minute === 17 },
      hour: { text: "5", holds: (hour) => hour === 5 },
    };
    fc.assert(
      fc.property(expressions, (any) => {
        const expression = { ...any, ...daily };
        expect(ours(expression, "UTC", minutes)).toEqual(firings(expression, minutes));
      }),
      { numRuns: 15 },
    );
  });

  test("through a year in Berlin, with all forms of times", () => {
    const minutes = minutesOf("Europe/Berlin", utc(2026), utc(2026) + YEAR);
    fc.assert(
      fc.property(expressions, (expression) => {
        expect(ours(expression, "Europe/Berlin", minutes)).toEqual(firings(expression, minutes));
      }),
      { numRuns: 5 },
    );
  });
});

describe("cron fires as the package croner says", () => {
  /** What both can read. */
  const shared = expressions.filter((expression) => !/L-\d|FRI-MON|LW,|,LW/.test(textOf(expression)));

  test("in zones and at times where no clocks change", () => {
    const zones = fc.constantFrom("UTC", "Asia/Kolkata", "Asia/Tokyo", "America/Phoenix");
    fc.assert(
      fc.property(shared, zones, fc.integer({ min: utc(2000), max: utc(2060) }), (expression, zone, afterMs) => {
        const text = textOf(expression);
        const parsed = parseCron(text);
        const theirs = new Cron(text, { timezone: zone, domAndDow: true, paused: true });
        const expected = theirs.nextRuns(3, new Date(afterMs)).map((date) => date.getTime());
        const found = "error" in parsed ? [] : nextFirings({ type: "cron", fields: parsed.value, zone }, afterMs, 3);
        expect(found).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });
});
