import { formatTimestamp } from "@meseta/lib/core/timestamp.ts";
import { firstOccurrence, type Interval, occurrenceAt } from "./interval.ts";
import { type Parsed, parsing, Unreadable } from "./parsed.ts";
import { readPeriod } from "./period.ts";
import { localOf, zoneNamed } from "./zone.ts";

const SHAPE =
  "A schedule is R[n]/[start]/period, such as R/2030-01-01T09:00:00Z/P1D: n times or without end, from when, how often.";
const MOST_TIMES = 2 ** 31 - 1;

/**
 * Reads an ISO 8601 repeating interval. Without a start it begins one second before `nowMs`. With a `zone` the start is what clocks show there, and an offset
 * in the text does not count; without one the offset counts, and no offset is UTC. Source: Chronos' schedules.
 */
export function parseInterval(text: string, zone: string, nowMs: number): Parsed<Interval> {
  return parsing(() => {
    const [times, start, period, ...more] = text.trim().split("/");
    if (start === undefined || period === undefined || more.length > 0)
      throw new Unreadable(`"${text}" has not three parts. ${SHAPE}`);
    const count = readTimes(times!);
    const interval: Interval = {
      type: "interval",
      ...readStart(start, zone === "" ? undefined : readZone(zone), nowMs),
      period: readPeriod(period),
      first: 0,
      ...(count !== undefined && { times: count }),
    };
    if (occurrenceAt(interval, 0) < FIRST_MS) throw new Unreadable(`start: ${start} lies before 1970. ${START_HINT}`);
    return interval;
  });
}

/** It as text, from its next start on: `R2/2030-01-02T09:00:00.000Z/P1D`. */
export function intervalText(interval: Interval): string {
  const { times, period, zone } = interval;
  const { times: _, ...endless } = interval;
  const next = firstOccurrence(endless);
  return `R${times ?? ""}/${next === undefined ? "" : showInstant(next.atMs, zone)}/${period.text}`;
}

/** `2030-01-02T09:00:00.000+01:00`, as clocks of the zone show it, with `Z` where they show UTC. */
export function showInstant(atMs: number, zone: string): string {
  const localMs = localOf(zone, atMs);
  const minutes = (localMs - atMs) / 60_000;
  if (Number.isInteger(minutes) && localMs >= 0 && localMs <= YEAR_9999_MS)
    return formatTimestamp(localMs).replace("Z", minutes === 0 ? "Z" : offsetText(minutes));
  const at = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(zone);
  const offset = at.offsetNanoseconds === 0 ? "Z" : at.offset;
  return at.toPlainDateTime().toString({ fractionalSecondDigits: 3 }) + offset;
}

/** The last millisecond whose year has four digits. */
const YEAR_9999_MS = 253_402_300_799_999;

function offsetText(minutes: number): string {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${minutes < 0 ? "-" : "+"}${String(hours).padStart(2, "0")}:${String(rest).padStart(2, "0")}`;
}

/** The zone of this name, or a refusal. */
export function readZone(name: string): string {
  const zone = zoneNamed(name);
  if (zone === undefined)
    throw new Unreadable(`time zone: there is no "${name}". Write one such as Europe/Berlin, UTC or +02:00.`);
  return zone;
}

const START = /^(\d{4}-\d\d-\d\d(?:T\d\d(?::?\d\d(?::?\d\d(?:[.,]\d{1,9})?)?)?)?)(Z|[+-]\d\d(?::?\d\d)?)?$/i;
const START_HINT = "Write such as 2030-01-01T09:00:00Z, or nothing to begin now.";
const FIRST_MS = 1000;

function readTimes(text: string): number | undefined {
  if (!/^R\d*$/i.test(text)) throw new Unreadable(`repetitions: "${text}" is neither R nor R and a number. ${SHAPE}`);
  if (text.length === 1) return undefined;
  const times = Number(text.slice(1));
  if (times > MOST_TIMES)
    throw new Unreadable(`repetitions: ${text.slice(1)} is more than ${MOST_TIMES}. Write R for no end.`);
  return times;
}

function readStart(text: string, zone: string | undefined, nowMs: number): Pick<Interval, "startLocalMs" | "zone"> {
  if (text === "") return { startLocalMs: localOf(zone ?? "UTC", nowMs - 1000), zone: zone ?? "UTC" };
  const [, clock, offset] = START.exec(text) ?? [];
  const startLocalMs = clock === undefined ? undefined : clockMs(clock);
  if (startLocalMs === undefined)
    throw new Unreadable(`start: "${text}" is no date and time of ISO 8601. ${START_HINT}`);
  return { startLocalMs, zone: zone ?? offsetZone(offset) };
}

/** Undefined for what no clock and calendar shows, such as February 30. */
function clockMs(text: string): number | undefined {
  try {
    return Temporal.PlainDateTime.from(text, { overflow: "reject" }).toZonedDateTime("UTC").epochMilliseconds;
  } catch {
    return undefined;
  }
}

function offsetZone(offset = "Z"): string {
  if (offset.toUpperCase() === "Z") return "UTC";
  const minutes = offset.length > 3 ? offset.slice(-2) : "00";
  return /^[+-]00:00$/.test(`${offset.slice(0, 3)}:${minutes}`) ? "UTC" : readZone(`${offset.slice(0, 3)}:${minutes}`);
}
