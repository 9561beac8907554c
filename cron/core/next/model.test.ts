import { Cron } from "croner";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextFiring, nextFirings } from "../next.ts";
import { type Day, type Expression, firings, type Minute, minutesOf, type Part, textOf } from "./model.rig.ts";
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

// Expressions of all forms, each part with its meaning by a road of its own.

const always: Part<unknown> = { text: "*", holds: () => true };

function numbers(min: number, max: number): fc.Arbitrary<Part<number>> {
  const number = fc.integer({ min, max });
  const one = number.map((n): Part<number> => ({ text: `${n}`, holds: (value) => value === n }));
  const range = fc.tuple(number, number, fc.integer({ min: 1, max: max - min })).map(([a, b, step]): Part<number> => {
    const [from, to] = [Math.min(a, b), Math.max(a, b)];
    const holds = (value: number) => value >= from && value <= to && (value - from) % step === 0;
    return { text: `${from}-${to}${step === 1 ? "" : `/${step}`}`, holds };
  });
  const step = fc.integer({ min: 1, max: max - min }).map(
    (by): Part<number> => ({
      text: `*/${by}`,
      holds: (value) => (value - min) % by === 0,
    }),
  );
  return fc.oneof(fc.constant(always as Part<number>), lists(fc.oneof(one, range, step)));
}

function lists<T>(items: fc.Arbitrary<Part<T>>): fc.Arbitrary<Part<T>> {
  return fc.array(items, { minLength: 1, maxLength: 3 }).map((parts) => ({
    text: parts.map(({ text }) => text).join(","),
    holds: (value) => parts.some((part) => part.holds(value)),
  }));
}

const everyDay = fc.constant(always as Part<Day>);

const plainDays = numbers(1, 31).map(({ text, holds }): Part<Day> => ({ text, holds: ({ day }) => holds(day) }));

const specialDays = fc.oneof(
  fc.constant<Part<Day>>({ text: "L", holds: ({ day, length }) => day === length }),
  fc.constant<Part<Day>>({ text: "?", holds: () => true }),
  fc
    .integer({ min: 1, max: 12 })
    .map((n): Part<Day> => ({ text: `L-${n}`, holds: ({ day, length }) => day === length - n })),
  fc
    .integer({ min: 1, max: 31 })
    .map((n): Part<Day> => ({ text: `${n}W`, holds: (date) => date.day === standIn(n, date) })),
  fc.constant<Part<Day>>({ text: "LW", holds: (date) => date.day === standIn(date.length, date) }),
);

/** The Monday to Friday of this month that is nearest to its day n, found by looking at all of them. */
function standIn(n: number, date: Day): number | undefined {
  if (n > date.length) return undefined;
  const weekdayOf = (day: number) => (((date.weekday + day - date.day) % 7) + 7) % 7;
  const all = Array.from({ length: date.length }, (_, index) => index + 1);
  const working = all.filter((day) => weekdayOf(day) !== 0 && weekdayOf(day) !== 6);
  // Of a Saturday the day before is as near as can be, and so is of a Sunday the day after.
  return working.sort((a, b) => Math.abs(a - n) - Math.abs(b - n))[0];
}

const NAMES = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const weekday = fc.integer({ min: 0, max: 6 });

const plainWeekdays = numbers(0, 6).map(
  ({ text, holds }): Part<Day> => ({ text, holds: ({ weekday }) => holds(weekday) }),
);

const specialWeekdays = fc.oneof(
  weekday.map((n): Part<Day> => ({ text: `${NAMES[n]!.toLowerCase()}`, holds: (date) => date.weekday === n })),
  fc.constant<Part<Day>>({ text: "7", holds: (date) => date.weekday === 0 }),
  fc.constant<Part<Day>>({ text: "FRI-MON", holds: (date) => [5, 6, 0, 1].includes(date.weekday) }),
  weekday.map((n): Part<Day> => ({ text: `${n}L`, holds: (date) => date.weekday === n && date.day > date.length - 7 })),
  fc.tuple(weekday, fc.integer({ min: 1, max: 5 })).map(
    ([n, th]): Part<Day> => ({
      text: `${NAMES[n]}#${th}`,
      holds: (date) => date.weekday === n && date.day > (th - 1) * 7 && date.day <= th * 7,
    }),
  ),
);

/** Some fire never: those are refused. Most have simple days, so that they do fire. */
const expressions: fc.Arbitrary<Expression> = fc.record({
  minute: numbers(0, 59),
  hour: numbers(0, 23),
  day: fc.oneof({ weight: 4, arbitrary: everyDay }, plainDays, lists(specialDays.filter(({ text }) => text !== "?"))),
  month: fc.oneof({ weight: 4, arbitrary: fc.constant(always as Part<number>) }, numbers(1, 12)),
  weekday: fc.oneof({ weight: 4, arbitrary: everyDay }, plainWeekdays, lists(specialWeekdays)),
});

/** Those that fire on all days, several times: for the hours in which clocks change. */
const times: fc.Arbitrary<Expression> = fc.record({
  minute: numbers(0, 59),
  hour: numbers(0, 23),
  day: everyDay,
  month: fc.constant(always as Part<number>),
  weekday: everyDay,
});

/** The first firing that is not the same: comparing long lists as wholes takes long. */
function difference(expression: Expression, zone: string, minutes: readonly Minute[]): object | undefined {
  const [found, expected] = [ours(expression, zone, minutes), firings(expression, minutes)];
  if (found.length === expected.length && found.every((atMs, index) => atMs === expected[index])) return undefined;
  const index = found.findIndex((atMs, i) => atMs !== expected[i]);
  return { expected: expected.at(index), found: found.at(index), counts: [expected.length, found.length] };
}

describe("cron fires as a slow model does that goes through the minutes one by one", () => {
  for (const zone of ZONES) {
    test(`around each change of clocks of 30 years in ${zone}`, () => {
      const changes = [...changesOf(zone, 1996, 2026)];
      fc.assert(
        fc.property(times, (expression) => {
          for (const minutes of changes) expect(difference(expression, zone, minutes)).toBeUndefined();
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
        expect(difference(expression, "UTC", minutes)).toBeUndefined();
      }),
      { numRuns: 15 },
    );
  });

  test("through two months in Berlin, with all forms of times", () => {
    const minutes = minutesOf("Europe/Berlin", utc(2026, 3), utc(2026, 5));
    fc.assert(
      fc.property(expressions, (expression) => {
        expect(difference(expression, "Europe/Berlin", minutes)).toBeUndefined();
      }),
      { numRuns: 20 },
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
      { numRuns: 300 },
    );
  });
});
