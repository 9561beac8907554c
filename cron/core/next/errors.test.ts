import fc from "fast-check";
import { expect, test } from "vitest";
import { parseCron } from "./parse-cron.ts";
import { parseInterval } from "./parse-interval.ts";

const NOW = 1_700_000_000_000;

/** What is wrong, and the beginning of what is said of it. */
const CRON: readonly (readonly [string, string])[] = [
  ["", "The expression is empty. A cron expression has five fields"],
  ["0 9 * *", '"0 9 * *" has 4 fields.'],
  ["0 0 9 * * * *", '"0 0 9 * * * *" has 7 fields.'],
  ["@daily", "@daily is no cron expression. Write 0 0 * * *."],
  ["60 * * * *", "minute: 60 is not from 0 to 59. Write a minute from 0 to 59"],
  ["* 24 * * *", "hour: 24 is not from 0 to 23. Write an hour"],
  ["* * 0 * *", "day of month: 0 is not from 1 to 31. Write a day"],
  ["* * * 13 *", "month: 13 is not from 1 to 12. Write a month"],
  ["* * * FOO *", 'month: "FOO" is neither a number nor one of JAN, FEB'],
  ["* * * * 8", "day of week: 8 is not from 0 to 7. Write a day"],
  ["* * * * * 1900", "year: 1900 is not from 1970 to 2999."],
  ["*/0 * * * *", 'minute: a step must be a number of at least 1, not "0".'],
  ["*/99 * * * *", "minute: a step of 99 is longer than the field."],
  ["1/2/3 * * * *", 'minute: "1/2/3" has more than one step.'],
  ["1-2-3 * * * *", 'minute: "1-2-3" is no range.'],
  ["30-10 * * * *", "minute: the range 30-10 ends before it begins; write two, such as 30-59,0-10."],
  ["-5 * * * *", "minute: a number is missing."],
  [", * * * *", "minute: a number is missing."],
  ["1.5 * * * *", 'minute: "1.5" is no number.'],
  ["? * * * *", 'minute: "?" is no number.'],
  ["* * L-31 * *", "day of month: L-31 is before every month's first day."],
  ["* * * * L", "day of week: L alone does not say which day's last one is meant."],
  ["* * * * MON#6", 'day of week: "MON#6" does not name a first to fifth day of the month.'],
  ["0 0 31 2 *", '"0 0 31 2 *" never fires: there is no such day.'],
  ["0 0 31 4,6,9,11 *", '"0 0 31 4,6,9,11 *" never fires'],
  ["0 0 29 2 * 2027", '"0 0 29 2 * 2027" never fires'],
  ["0 0 1 * MON#2", '"0 0 1 * MON#2" never fires'],
  [`${"1,".repeat(600)}1 * * * *`, "A cron expression has no more than 1000 characters."],
];

const INTERVALS: readonly (readonly [string, string, string])[] = [
  ["", "", '"" has not three parts. A schedule is R[n]/[start]/period'],
  ["R/P1D", "", '"R/P1D" has not three parts.'],
  ["X//P1D", "", 'repetitions: "X" is neither R nor R and a number.'],
  ["R-1//P1D", "", 'repetitions: "R-1" is neither R nor R and a number.'],
  ["R9999999999//P1D", "", "repetitions: 9999999999 is more than 2147483647."],
  ["R/soon/P1D", "", 'start: "soon" is no date and time of ISO 8601. Write such as 2030-01-01T09:00:00Z'],
  ["R/2030-02-30T00:00:00Z/P1D", "", 'start: "2030-02-30T00:00:00Z" is no date and time'],
  ["R/2030-01-01T25:00:00Z/P1D", "", 'start: "2030-01-01T25:00:00Z" is no date and time'],
  ["R/1970-01-01T00:00:00Z/P1D", "", "start: 1970-01-01T00:00:00Z lies before 1970."],
  ["R//P", "", 'period: "P" is no ISO 8601 duration. Write such as PT10M'],
  ["R//P1DT", "", 'period: "P1DT" is no ISO 8601 duration.'],
  ["R//-P1D", "", 'period: "-P1D" is no ISO 8601 duration.'],
  ["R//P0D", "", "period: P0D is shorter than a second."],
  ["R//PT0.000000001S", "", "period: PT0.000000001S is shorter than a second."],
  ["R//P99999Y", "", "period: P99999Y is longer than ten thousand years."],
  ["R//P1D", "2030-01-01T00:00:00Z", 'time zone: there is no "2030-01-01T00:00:00Z".'],
  ["R//P1D", "+25:00", 'time zone: there is no "+25:00".'],
  ["R//P1D", "Mars/Olympus", 'time zone: there is no "Mars/Olympus". Write one such as Europe/Berlin'],
];

test.each(CRON)("%s is refused: %s", (text, error) => {
  expect(parseCron(text)).toEqual({ error: expect.stringContaining(error) });
});

test.each(INTERVALS)("%s %s is refused: %s", (text, zone, error) => {
  expect(parseInterval(text, zone, NOW)).toEqual({ error: expect.stringContaining(error) });
});

test("names are read in any case, and zones are written as they should be", () => {
  expect(parseCron("0 0 * jan-MAR mon,Fri")).toHaveProperty("value");
  expect(parseInterval("r5/2030-01-01t00:00:00z/p1d", "europe/berlin", NOW)).toMatchObject({
    value: { zone: "Europe/Berlin", times: 5 },
  });
});

test("whatever is written is read or refused with a sentence", () => {
  const alphabet = fc.string({ unit: fc.constantFrom(..."0123456789*/-,LW#?RPTZ:.SUNMON +"), maxLength: 30 });
  const isAnswer = (parsed: object) =>
    expect("value" in parsed || /\.$/.test((parsed as { error: string }).error)).toBe(true);
  fc.assert(
    fc.property(alphabet, alphabet, fc.string(), (one, other, zone) => {
      isAnswer(parseCron(`${one} ${other} * * *`));
      isAnswer(parseCron(`0 0 ${one} * ${other}`));
      isAnswer(parseInterval(`R/${one}/P${other}`, zone, NOW));
      isAnswer(parseInterval(`R//PT${other}`, "", NOW));
    }),
    { numRuns: 500 },
  );
});
