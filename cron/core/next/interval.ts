import { DAY_MS, dateOf, daysInMonth, daysOf } from "@meseta/lib/core/calendar.ts";
import type { Period } from "./period.ts";
import { instantOf, localOf } from "./zone.ts";

/**
 * An ISO 8601 repeating interval. Its occurrences are counted from the start, 0 being the start itself: the one of number k is k periods after it, so that
 * monthly from January 31 is February 28 and then March 31.
 */
export interface Interval {
  readonly type: "interval";
  /** What the clocks of the zone show at the start (ms, see `localOf`). */
  readonly startLocalMs: number;
  readonly zone: string;
  readonly period: Period;
  /** The first occurrence that has not been used up; 0 for a new one. */
  readonly first: number;
  /** How many are left from `first` on; absent: no end. */
  readonly times?: number;
}

export interface Occurrence {
  readonly index: number;
  /** Ms since 1970. */
  readonly atMs: number;
}

/** The first occurrence after `afterMs`; undefined when there are no more. Costs the same however long ago the start was. */
export function nextOccurrence(interval: Interval, afterMs: number): Occurrence | undefined {
  const { first, times } = interval;
  const index = Math.max(first, indexAfter(interval, afterMs));
  if (times !== undefined && index >= first + times) return undefined;
  const atMs = occurrenceAt(interval, index);
  return atMs <= LATEST_MS ? { index, atMs } : undefined;
}

/** The first one not used up, whether it is past or to come; undefined when none is left. */
export function firstOccurrence(interval: Interval): Occurrence | undefined {
  return nextOccurrence(interval, Number.NEGATIVE_INFINITY);
}

/**
 * What is left of it once a run was launched at `nowMs`: occurrences until then are done with this one run, which counts once. Source: Chronos' advance.
 */
export function launched<I extends Interval>(interval: I, nowMs: number): I {
  const { first, times } = interval;
  const next = Math.max(first + 1, indexAfter(interval, nowMs));
  return { ...interval, first: next, ...(times !== undefined && { times: Math.max(0, times - 1) }) };
}

/** What is left of it when nothing of its occurrences until `untilMs` is wanted any more: all of them are used up. */
export function passed<I extends Interval>(interval: I, untilMs: number): I {
  const { first, times } = interval;
  const next = Math.max(first, indexAfter(interval, untilMs));
  if (next === first) return interval;
  return { ...interval, first: next, ...(times !== undefined && { times: Math.max(0, times - (next - first)) }) };
}

/** What is left of it when its occurrences until `nowMs` are done with by a run that counted before. Source: Chronos holds a job in its queue only once. */
export function merged<I extends Interval>(interval: I, nowMs: number): I {
  const next = Math.max(interval.first, indexAfter(interval, nowMs));
  return next === interval.first ? interval : { ...interval, first: next };
}

/** The newest occurrences after `afterMs` and until `untilMs`, in order, so many at most. Costs nothing for those that are left out. */
export function newestOccurrences(interval: Interval, afterMs: number, untilMs: number, most: number): number[] {
  const { first, times } = interval;
  const end = Math.min(indexAfter(interval, untilMs), times === undefined ? Number.POSITIVE_INFINITY : first + times);
  const begin = Math.max(first, indexAfter(interval, afterMs), end - most);
  return Array.from({ length: Math.max(0, end - begin) }, (_, i) => occurrenceAt(interval, begin + i));
}

/** The instant of one occurrence, whether it is still to be used or not. */
export function occurrenceAt({ startLocalMs, zone, period }: Interval, index: number): number {
  const { months, days, ms } = period;
  const isElapsed = months === 0 && days === 0;
  const localMs = isElapsed ? startLocalMs : addCalendar(startLocalMs, months * index, days * index);
  return instantOf(zone, localMs) + ms * index;
}

/** The end of what can be an instant in JavaScript. */
const LATEST_MS = 8.64e15;

/** The number of the first occurrence after this instant, or 0. A guess by mean lengths is never far off: months and clocks move it by days. */
function indexAfter(interval: Interval, afterMs: number): number {
  const { startLocalMs, zone, period } = interval;
  if (afterMs === Number.NEGATIVE_INFINITY) return 0;
  const meanMs = period.months * MONTH_MS + period.days * DAY_MS + period.ms;
  let index = Math.max(0, Math.floor((localOf(zone, afterMs) - startLocalMs) / meanMs));
  while (index > 0 && occurrenceAt(interval, index - 1) > afterMs) index--;
  while (occurrenceAt(interval, index) <= afterMs) index++;
  return index;
}

const MONTH_MS = 30.436875 * DAY_MS;

/** Months are added first, and a day that the month lacks is its last; then days. */
function addCalendar(localMs: number, months: number, days: number): number {
  const day = Math.floor(localMs / DAY_MS);
  if (months === 0) return localMs + days * DAY_MS;
  const [year, month, dayOfMonth] = dateOf(day);
  const monthsOn = year * 12 + month - 1 + months;
  const [newYear, newMonth] = [Math.floor(monthsOn / 12), (monthsOn % 12) + 1];
  const newDay = Math.min(dayOfMonth, daysInMonth(newYear, newMonth));
  return (daysOf(newYear, newMonth, newDay) + days - day) * DAY_MS + localMs;
}
