// The slow model of cron, for tests: it goes through the minutes one by one, asks Temporal what the clocks show, and tries the fields by itself.

/** One minute of the world's time, and what clocks show then. */
export interface Minute {
  readonly atMs: number;
  readonly localMs: number;
}

/** The parts of an expression: what is written, and whether a number of a date matches it. */
export interface Part<T> {
  readonly text: string;
  readonly holds: (value: T) => boolean;
}

export interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  readonly length: number;
}

export interface Expression {
  readonly minute: Part<number>;
  readonly hour: Part<number>;
  readonly day: Part<Day>;
  readonly month: Part<number>;
  readonly weekday: Part<Day>;
}

export function textOf({ minute, hour, day, month, weekday }: Expression): string {
  return [minute, hour, day, month, weekday].map(({ text }) => text).join(" ");
}

/**
 * All minutes from one instant until before another, and what the zone's clocks show. Temporal is asked at the ends of each quarter of an hour, and minute
 * by minute where its answers differ.
 */
export function minutesOf(zone: string, fromMs: number, untilMs: number): Minute[] {
  const offsetAt = (atMs: number) =>
    Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(zone).offsetNanoseconds / 1e6;
  const minutes: Minute[] = [];
  for (let quarterMs = fromMs; quarterMs < untilMs; quarterMs += QUARTER) {
    const [first, last] = [offsetAt(quarterMs), offsetAt(quarterMs + QUARTER)];
    for (let atMs = quarterMs; atMs < Math.min(quarterMs + QUARTER, untilMs); atMs += MINUTE)
      minutes.push({ atMs, localMs: atMs + (first === last ? first : offsetAt(atMs)) });
  }
  return minutes;
}

/** When the expression fires in these minutes: each local time once, those that clocks jump over at the jump. The first minute is only looked back to. */
export function firings(expression: Expression, minutes: readonly Minute[]): number[] {
  const found: number[] = [];
  let latest = minutes[0]!.localMs;
  for (const { atMs, localMs } of minutes.slice(1)) {
    // Everything that clocks have newly shown or jumped over since; nothing while they show again what they have shown.
    let fires = false;
    for (let local = latest + MINUTE; local <= localMs; local += MINUTE) fires ||= holds(expression, local);
    latest = Math.max(latest, localMs);
    if (fires) found.push(atMs);
  }
  return found;
}

const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;

function holds({ minute, hour, day, month, weekday }: Expression, localMs: number): boolean {
  const minutes = Math.floor(localMs / MINUTE);
  if (!minute.holds(minutes % 60) || !hour.holds(Math.floor(minutes / 60) % 24)) return false;
  const date = dayAt(Math.floor(minutes / (60 * 24)));
  return month.holds(date.month) && day.holds(date) && weekday.holds(date);
}

const days = new Map<number, Day>();

function dayAt(day: number): Day {
  let date = days.get(day);
  if (date === undefined) days.set(day, (date = dayOf(new Date(day * 24 * 60 * MINUTE))));
  return date;
}

function dayOf(local: Date): Day {
  const [year, month] = [local.getUTCFullYear(), local.getUTCMonth() + 1];
  const length = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return { year, month, day: local.getUTCDate(), weekday: local.getUTCDay(), length };
}
