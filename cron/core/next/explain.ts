import type { Schedule } from "../next.ts";
import type { CronFields, MonthDays, Weekdays } from "./cron.ts";
import { firstOccurrence, type Interval } from "./interval.ts";
import { localOf } from "./zone.ts";

/** A schedule in words: `every Monday at 09:00 Europe/Berlin`, `every 2 hours from 2030-01-01 09:00 UTC, 5 times`. */
export function explain(schedule: Schedule): string {
  switch (schedule.type) {
    case "cron":
      return `${explainCron(schedule.fields)} ${schedule.zone}`;
    case "interval":
      return explainInterval(schedule);
  }
}

function explainCron(fields: CronFields): string {
  const time = timeWords(fields);
  const { days, condition } = dayWords(fields);
  // "every 5 minutes" says by itself that it is every day.
  if (time.isRepeated) return (days === "every day" ? time.words : `${time.words}, ${days}`) + condition;
  return `${days} ${time.words}${condition}`;
}

function timeWords({ minutes, hours }: CronFields): { words: string; isRepeated: boolean } {
  if (minutes.length * hours.length <= 6) {
    const clocks = hours.flatMap((hour) => minutes.map((minute) => `${two(hour)}:${two(minute)}`));
    return { words: `at ${joined(clocks)}`, isRepeated: false };
  }
  const everyHours = minutes.length === 1 && minutes[0] === 0 ? stepOf(hours, 24) : undefined;
  if (everyHours !== undefined) return { words: `every ${plural(everyHours, "hour")}`, isRepeated: true };
  const during = hours.length === 24 ? "" : ` ${hoursWords(hours)}`;
  return { words: minutesWords(minutes, hours.length === 24) + during, isRepeated: true };
}

function minutesWords(minutes: readonly number[], isEveryHour: boolean): string {
  const step = stepOf(minutes, 60);
  if (step !== undefined && step < 60) return `every ${plural(step, "minute")}`;
  const past = `at ${joined(minutes.map((minute) => `:${two(minute)}`))}`;
  return isEveryHour ? `every hour ${past}` : past;
}

function hoursWords(hours: readonly number[]): string {
  const step = stepOf(hours, 24);
  if (step !== undefined) return `of every ${ordinal(step)} hour`;
  const [first, last] = [hours[0]!, hours.at(-1)!];
  const isRun = last - first === hours.length - 1;
  return isRun ? `from ${two(first)}:00 to ${two(last)}:59` : `in the hours ${joined(hours.map(String))}`;
}

/** The step of values that begin at 0 and go evenly to the end. */
function stepOf(values: readonly number[], length: number): number | undefined {
  const step = values.length === 1 ? length : values[1]! - values[0]!;
  const isEven = values.every((value, index) => value === index * step);
  return isEven && length % step === 0 && values.length === length / step ? step : undefined;
}

function dayWords({ days, weekdays, months, years }: CronFields): { days: string; condition: string } {
  const isEveryDay = days.mask === ALL_DAYS;
  const isEveryWeekday = weekdays.mask === 0x7f;
  const monthNames = months === ALL_MONTHS ? [] : MONTHS.filter((_, index) => months & (2 << index));
  const day = isEveryDay ? `every ${weekdayWords(weekdays)}` : `on ${monthDayWords(days)}`;
  const condition = isEveryDay || isEveryWeekday ? "" : `, if it is a ${weekdayWords(weekdays, "or")}`;
  const inMonths = monthNames.length > 0 ? `${isEveryDay ? " in" : " of"} ${joined(monthNames)}` : "";
  const monthly = !isEveryDay && monthNames.length === 0 ? " of every month" : "";
  const inYears = years ? `${isEveryDay ? " in" : ","} ${joined(years.map(String))}` : "";
  return { days: day + inMonths + monthly + inYears, condition };
}

const ALL_DAYS = -2;
const ALL_MONTHS = 0x1ffe;
const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = "January February March April May June July August September October November December".split(" ");

function weekdayWords({ mask, nth, last }: Weekdays, word: "and" | "or" = "and"): string {
  if (mask === 0x7f) return "day";
  // A week begins on Monday for most.
  const plain = [1, 2, 3, 4, 5, 6, 0].filter((day) => mask & (1 << day)).map((day) => WEEKDAYS[day]!);
  const named = mask === 0x3e ? ["weekday"] : plain;
  const nths = nth.map(({ weekday, n }) => `${ordinal(n)} ${WEEKDAYS[weekday]} of the month`);
  return joined([...named, ...nths, ...last.map((day) => `last ${WEEKDAYS[day]} of the month`)], word);
}

function monthDayWords({ mask, beforeLast, nearest, isLastWeekday }: MonthDays): string {
  const days = Array.from({ length: 31 }, (_, index) => index + 1).filter((day) => mask & (1 << day));
  return `the ${joined([
    ...days.map(ordinal),
    ...beforeLast.map((before) => (before === 0 ? "last day" : `${ordinal(before + 1)} last day`)),
    ...nearest.map((day) => `weekday nearest to the ${ordinal(day)}`),
    ...(isLastWeekday ? ["last weekday"] : []),
  ])}`;
}

function explainInterval(interval: Interval): string {
  const { period, times, zone } = interval;
  if (times === 0) return "never again";
  const start = firstOccurrence(interval);
  const from = start === undefined ? "" : ` from ${clock(localOf(zone, start.atMs))} ${zone}`;
  if (times === 1) return from.replace(" from", "once at");
  return `every ${periodWords(period)}${from}${times === undefined ? "" : `, ${times} times`}`;
}

/** `2 hours and 30 minutes`; of a single unit the number one is left out: `day`. */
function periodWords({ months, days, ms }: Interval["period"]): string {
  const seconds = ms / 1000;
  const amounts: [number, string][] = [
    [Math.floor(months / 12), "year"],
    [months % 12, "month"],
    [days % 7 === 0 ? days / 7 : 0, "week"],
    [days % 7 === 0 ? 0 : days, "day"],
    [Math.floor(seconds / 3600), "hour"],
    [Math.floor(seconds / 60) % 60, "minute"],
    [seconds % 60, "second"],
  ];
  const parts = amounts.filter(([amount]) => amount > 0);
  const isOne = parts.length === 1 && parts[0]![0] === 1;
  return isOne ? parts[0]![1] : joined(parts.map(([amount, unit]) => `${amount} ${unit}${amount === 1 ? "" : "s"}`));
}

function clock(localMs: number): string {
  const at = Temporal.Instant.fromEpochMilliseconds(localMs).toZonedDateTimeISO("UTC").toPlainDateTime();
  return at.toString({ smallestUnit: at.second === 0 ? "minute" : "second" }).replace("T", " ");
}

/** `minute` of one, `5 minutes` of five. */
function plural(count: number, unit: string): string {
  return count === 1 ? unit : `${count} ${unit}s`;
}

function joined(words: readonly string[], word = "and"): string {
  return words.length < 2 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} ${word} ${words.at(-1)}`;
}

function ordinal(number: number): string {
  const teen = number % 100 >= 11 && number % 100 <= 13;
  return `${number}${teen ? "th" : (["th", "st", "nd", "rd"][number % 10] ?? "th")}`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
