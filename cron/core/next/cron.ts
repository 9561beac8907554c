import { dateOf, daysInMonth, daysOf, weekdayOf } from "@meseta/lib/core/calendar.ts";

/** A cron expression that has been read. Days count when both the day of the month and the day of the week match. */
export interface CronFields {
  readonly text: string;
  /** Sorted, never empty. */
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: MonthDays;
  /** Bits 1 to 12. */
  readonly months: number;
  readonly weekdays: Weekdays;
  /** Sorted; absent: every year. */
  readonly years?: readonly number[];
}

/** Days of the month; any of these makes a day match. */
export interface MonthDays {
  /** Bits 1 to 31. */
  readonly mask: number;
  /** How many days before the last: `L` is 0, `L-3` is 3. */
  readonly beforeLast: readonly number[];
  /** `15W`: the weekday (Monday to Friday) nearest to the 15th, in the same month. */
  readonly nearest: readonly number[];
  /** `LW`: the last weekday of the month. */
  readonly isLastWeekday: boolean;
}

/** Days of the week; any of these makes a day match. Sunday is 0. */
export interface Weekdays {
  /** Bits 0 to 6. */
  readonly mask: number;
  /** `MON#2`: the second Monday of the month. */
  readonly nth: readonly { readonly weekday: number; readonly n: number }[];
  /** `5L`: the last Friday of the month. */
  readonly last: readonly number[];
}

/** The first minute (minutes since 1970 of the local clock) from this one on that matches; undefined when there is none. */
export function nextLocal(fields: CronFields, fromMinute: number): number | undefined {
  const today = Math.floor(fromMinute / DAY);
  if (isDay(fields, today)) {
    const minute = nextTime(fields, fromMinute - today * DAY);
    if (minute !== undefined) return today * DAY + minute;
  }
  const day = nextDay(fields, today + 1);
  return day === undefined ? undefined : day * DAY + fields.hours[0]! * 60 + fields.minutes[0]!;
}

/** The first day (days since 1970) from this one on that matches; undefined when there is none, as for a February 31. */
export function nextDay(fields: CronFields, from: number): number | undefined {
  // Where years are named they end by themselves.
  const farthest = fields.years === undefined ? from + CYCLE : Number.POSITIVE_INFINITY;
  for (let day = from; day <= farthest; ) {
    const [year, month] = dateOf(day);
    const firstYear = nextYear(fields, year);
    if (firstYear === undefined) return undefined;
    if (firstYear > year) day = daysOf(firstYear, 1, 1);
    else if ((fields.months & (1 << month)) === 0) day = firstOfNext(year, month);
    else if (isDay(fields, day)) return day;
    else day++;
  }
  return undefined;
}

const DAY = 24 * 60;
/** After so many days the calendar begins anew, weekdays included. */
const CYCLE = 146_097;

function nextTime({ hours, minutes }: CronFields, from: number): number | undefined {
  const [hour, minute] = [Math.floor(from / 60), from % 60];
  if (hours.includes(hour)) {
    const later = minutes.find((candidate) => candidate >= minute);
    if (later !== undefined) return hour * 60 + later;
  }
  const later = hours.find((candidate) => candidate > hour);
  return later === undefined ? undefined : later * 60 + minutes[0]!;
}

function nextYear({ years }: CronFields, from: number): number | undefined {
  return years === undefined ? from : years.find((year) => year >= from);
}

function firstOfNext(year: number, month: number): number {
  return month === 12 ? daysOf(year + 1, 1, 1) : daysOf(year, month + 1, 1);
}

function isDay({ days, months, weekdays, years }: CronFields, at: number): boolean {
  const [year, month, day] = dateOf(at);
  if ((months & (1 << month)) === 0 || (years && !years.includes(year))) return false;
  const length = daysInMonth(year, month);
  const weekday = weekdayOf(at);
  return isWeekday(weekdays, weekday, day, length) && isMonthDay(days, day, weekday, length);
}

function isWeekday({ mask, nth, last }: Weekdays, weekday: number, day: number, length: number): boolean {
  if ((mask & (1 << weekday)) !== 0) return true;
  if (last.includes(weekday) && day + 7 > length) return true;
  return nth.some((one) => one.weekday === weekday && one.n === Math.ceil(day / 7));
}

function isMonthDay(days: MonthDays, day: number, weekday: number, length: number): boolean {
  if ((days.mask & (1 << day)) !== 0 || days.beforeLast.includes(length - day)) return true;
  if (weekday === 0 || weekday === 6) return false;
  if (days.isLastWeekday && isLastWeekday(day, weekday, length)) return true;
  return days.nearest.some((wanted) => wanted <= length && isNearest(wanted, day, weekday, length));
}

function isLastWeekday(day: number, weekday: number, length: number): boolean {
  return day === length || (weekday === 5 && day + 2 >= length);
}

/** Whether this day, a Monday to Friday, stands for the wanted one: itself, or a weekend's day beside it. At the month's ends it stands for farther ones. */
function isNearest(wanted: number, day: number, weekday: number, length: number): boolean {
  if (day === wanted) return true;
  if (weekday === 5) return wanted === day + 1 || (wanted === day + 2 && wanted === length);
  return weekday === 1 && (wanted === day - 1 || (wanted === day - 2 && wanted === 1));
}
