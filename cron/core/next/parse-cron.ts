import { CRON_BOUNDS } from "../bounds.ts";
import { type CronFields, type MonthDays, nextDay, type Weekdays } from "./cron.ts";
import { type Parsed, parsing, Unreadable } from "./parsed.ts";
import { type FieldRange, numberOf, valuesOf, wrong } from "./values.ts";

/**
 * Reads a cron expression: minute, hour, day of month, month, day of week, and optionally year; names, lists, ranges and steps everywhere, `L`, `W`, `#` and
 * `?` in the day fields. A day must match both day fields. One that can never fire (February 31) is refused. Source: Metronome's cron dialect.
 */
export function parseCron(text: string): Parsed<CronFields> {
  return parsing(() => {
    const fields = readFields(text);
    const isPossible = nextDay(fields, START_OF_1970) !== undefined;
    if (!isPossible) throw new Unreadable(`"${fields.text}" never fires: there is no such day. ${DAYS_HINT}`);
    return fields;
  });
}

const START_OF_1970 = 0;
const DAYS_HINT =
  "Write a day that the month has, or L for its last; a day must match the day of the month and the day of the week.";
const SHAPE =
  "A cron expression has five fields, minute hour day-of-month month day-of-week, and may have a sixth, the year, such as 0 9 * * MON.";
const LONGEST = CRON_BOUNDS.expression.most;

const MINUTE: FieldRange = { name: "minute", min: 0, max: 59, example: "a minute from 0 to 59, such as 30 or */5" };
const HOUR: FieldRange = { name: "hour", min: 0, max: 23, example: "an hour from 0 to 23, such as 9 or 9-17" };
const DAY_OF_MONTH: FieldRange = {
  name: "day of month",
  min: 1,
  max: 31,
  example: "a day from 1 to 31, L for the last, L-2 for the third last, 15W for the weekday nearest to the 15th, or *",
};
const MONTH: FieldRange = {
  name: "month",
  min: 1,
  max: 12,
  words: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
  example: "a month from 1 to 12 or its first three letters, such as 6 or JAN-MAR",
};
const DAY_OF_WEEK: FieldRange = {
  name: "day of week",
  min: 0,
  max: 7,
  words: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
  example:
    "a day from 0 to 7 (0 and 7 are Sunday) or its first three letters, such as MON-FRI, FRIL for the last Friday, MON#2 for the second Monday, or *",
  isRound: true,
};
const YEAR: FieldRange = {
  name: "year",
  min: 1970,
  max: 2999,
  example: "a year from 1970 to 2999, such as 2030, or *",
};

const NICKNAMES: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

function readFields(text: string): CronFields {
  const parts = text.trim().split(/\s+/);
  const nickname = NICKNAMES[parts[0]!.toLowerCase()];
  if (nickname !== undefined) throw new Unreadable(`${parts[0]} is no cron expression. Write ${nickname}.`);
  if (text.length > LONGEST) throw new Unreadable(`A cron expression has no more than ${LONGEST} characters. ${SHAPE}`);
  if (text.trim() === "") throw new Unreadable(`The expression is empty. ${SHAPE}`);
  if (parts.length < 5 || parts.length > 6)
    throw new Unreadable(`"${text.trim()}" has ${parts.length} fields. ${SHAPE}`);
  const [minute, hour, day, month, weekday, year] = parts as [string, string, string, string, string, string?];
  const years = year === undefined || year === "*" ? undefined : sorted(year, YEAR);
  return {
    text: parts.join(" "),
    minutes: minute === "*" ? EVERY_MINUTE : sorted(minute, MINUTE),
    hours: hour === "*" ? EVERY_HOUR : sorted(hour, HOUR),
    days: day === "*" || day === "?" ? EVERY_DAY : monthDays(day),
    months: maskOf(sorted(month, MONTH)),
    weekdays: weekday === "*" || weekday === "?" ? EVERY_WEEKDAY : weekdays(weekday),
    ...(years && { years }),
  };
}

// Shared by all schedules that have them: there are many.
const EVERY_MINUTE = sorted("*", MINUTE);
const EVERY_HOUR = sorted("*", HOUR);
const EVERY_DAY: MonthDays = {
  mask: maskOf(sorted("*", DAY_OF_MONTH)),
  beforeLast: [],
  nearest: [],
  isLastWeekday: false,
};
const EVERY_WEEKDAY: Weekdays = { mask: 0x7f, nth: [], last: [] };

function sorted(text: string, field: FieldRange): number[] {
  const values = text.split(",").flatMap((item) => valuesOf(item, field));
  return [...new Set(values)].sort((one, other) => one - other);
}

function maskOf(values: readonly number[]): number {
  return values.reduce((mask, value) => mask | (1 << value), 0);
}

function monthDays(text: string): MonthDays {
  const [plain, beforeLast, nearest]: [number[], number[], number[]] = [[], [], []];
  let isLastWeekday = false;
  for (const item of text.toUpperCase().split(",")) {
    if (item === "L") beforeLast.push(0);
    else if (item === "LW" || item === "WL") isLastWeekday = true;
    else if (/^L-\d+$/.test(item)) beforeLast.push(distance(item));
    else if (/^\d+W$/.test(item)) nearest.push(numberOf(item.slice(0, -1), DAY_OF_MONTH));
    else plain.push(...valuesOf(item, DAY_OF_MONTH));
  }
  return { mask: maskOf(plain), beforeLast, nearest, isLastWeekday };
}

function distance(item: string): number {
  const days = Number(item.slice(2));
  return days <= 30 ? days : wrong(DAY_OF_MONTH, `${item} is before every month's first day`);
}

function weekdays(text: string): Weekdays {
  const plain: number[] = [];
  const nth: { weekday: number; n: number }[] = [];
  const last: number[] = [];
  for (const item of text.toUpperCase().split(",")) {
    if (item.includes("#")) nth.push(nthOf(item));
    else if (item === "L") wrong(DAY_OF_WEEK, "L alone does not say which day's last one is meant");
    else if (item.endsWith("L")) last.push(numberOf(item.slice(0, -1), DAY_OF_WEEK) % 7);
    else plain.push(...valuesOf(item, item.startsWith("*") ? SUNDAY_ONCE : DAY_OF_WEEK));
  }
  return { mask: maskOf(plain.map((day) => day % 7)), nth, last };
}

// A step over all days counts Sunday once.
const SUNDAY_ONCE: FieldRange = { ...DAY_OF_WEEK, max: 6 };

function nthOf(item: string): { weekday: number; n: number } {
  const [weekday, n, ...more] = item.split("#");
  if (more.length > 0 || !/^[1-5]$/.test(n!))
    wrong(DAY_OF_WEEK, `"${item}" does not name a first to fifth day of the month`);
  return { weekday: numberOf(weekday!, DAY_OF_WEEK) % 7, n: Number(n) };
}
