import { expect, test } from "vitest";
import { explain } from "./explain.ts";
import { parseCron } from "./parse-cron.ts";
import { parseInterval } from "./parse-interval.ts";

const CRON: Readonly<Record<string, string>> = {
  "0 9 * * MON": "every Monday at 09:00 Europe/Berlin",
  "*/5 * * * *": "every 5 minutes Europe/Berlin",
  "* * * * *": "every minute Europe/Berlin",
  "0 * * * *": "every hour Europe/Berlin",
  "0 */2 * * *": "every 2 hours Europe/Berlin",
  "15,45 * * * *": "every hour at :15 and :45 Europe/Berlin",
  "0 9,17 * * 1-5": "every weekday at 09:00 and 17:00 Europe/Berlin",
  "*/10 9-17 * * MON-FRI": "every 10 minutes from 09:00 to 17:59, every weekday Europe/Berlin",
  "7 3,4,5,6,8,9,10 * * *": "at :07 in the hours 3, 4, 5, 6, 8, 9 and 10 Europe/Berlin",
  "*/10 */2 * * *": "every 10 minutes of every 2nd hour Europe/Berlin",
  "0 0 1,15 * *": "on the 1st and 15th of every month at 00:00 Europe/Berlin",
  "0 0 L * *": "on the last day of every month at 00:00 Europe/Berlin",
  "0 0 L-2 1 *": "on the 3rd last day of January at 00:00 Europe/Berlin",
  "0 0 LW * *": "on the last weekday of every month at 00:00 Europe/Berlin",
  "15 10 15W * *": "on the weekday nearest to the 15th of every month at 10:15 Europe/Berlin",
  "0 0 13 * FRI": "on the 13th of every month at 00:00, if it is a Friday Europe/Berlin",
  "0 0 * 6-8 *": "every day in June, July and August at 00:00 Europe/Berlin",
  "0 0 * * FRIL": "every last Friday of the month at 00:00 Europe/Berlin",
  "0 0 * * MON#2,SUN": "every Sunday and 2nd Monday of the month at 00:00 Europe/Berlin",
  "0 0 1 1 * 2030": "on the 1st of January, 2030 at 00:00 Europe/Berlin",
};

const INTERVALS: Readonly<Record<string, string>> = {
  "R/2030-01-01T00:00:00Z/PT2H": "every 2 hours from 2030-01-01 00:00 UTC",
  "R5/2030-01-01T00:00:00Z/P1D": "every day from 2030-01-01 00:00 UTC, 5 times",
  "R1/2030-01-01T00:00:00+02:00/P1M": "once at 2030-01-01 00:00 +02:00",
  "R0/2030-01-01T00:00:00Z/P1D": "never again",
  "R/2030-01-01T00:00:05Z/P2W": "every 2 weeks from 2030-01-01 00:00:05 UTC",
  "R//P1Y2M10DT1H90S": "every 1 year, 2 months, 10 days, 1 hour, 1 minute and 30 seconds from 2023-11-14 22:13:19 UTC",
};

test.each(Object.entries(CRON))("%s is %s", (text, words) => {
  const parsed = parseCron(text);
  expect("value" in parsed && explain({ type: "cron", fields: parsed.value, zone: "Europe/Berlin" })).toBe(words);
});

test.each(Object.entries(INTERVALS))("%s is %s", (text, words) => {
  const parsed = parseInterval(text, "", 1_700_000_000_000);
  expect("value" in parsed && explain(parsed.value)).toBe(words);
});
