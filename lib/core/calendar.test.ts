import fc from "fast-check";
import { expect, test } from "vitest";
import { DAY_MS, dateOf, daysInMonth, daysOf, weekdayOf } from "./calendar.ts";

const anyDay = fc.integer({ min: -4_000_000, max: 40_000_000 });

test("the calendar is that of Temporal, also before 1970 and far ahead", () => {
  fc.assert(
    fc.property(anyDay, (days) => {
      const date = new Temporal.PlainDate(1970, 1, 1).add({ days });
      expect(dateOf(days)).toEqual([date.year, date.month, date.day]);
      expect(daysOf(date.year, date.month, date.day)).toBe(days);
      expect(daysInMonth(date.year, date.month)).toBe(date.daysInMonth);
      expect(weekdayOf(days)).toBe(date.dayOfWeek % 7);
    }),
  );
});

test("a day has 86,400 seconds", () => {
  expect(DAY_MS).toBe(86_400 * 1000);
});
