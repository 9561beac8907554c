import { DAY_MS, dateOf, daysOf } from "./calendar.ts";

const STAMP = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)$/;

/** `2026-01-05T10:00:00.000Z` of ms since 1970, fractions dropped: how the APIs write times. Years 0 to 9999. */
export function formatTimestamp(nowMs: number): string {
  const whole = Math.floor(nowMs);
  const days = Math.floor(whole / DAY_MS);
  const ms = whole - days * DAY_MS;
  const [year, month, day] = dateOf(days);
  const date = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
  const time = `${pad(ms / 3_600_000, 2)}:${pad((ms / 60_000) % 60, 2)}:${pad((ms / 1000) % 60, 2)}`;
  return `${date}T${time}.${pad(ms % 1000, 3)}Z`;
}

/** Ms since 1970 of an ISO 8601 time, any offset; undefined when it is none, such as one of February 30. */
export function parseTimestamp(text: string): number | undefined {
  const found = STAMP.exec(text);
  if (!found) return undefined;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map((part) => Number(part ?? 0)) as Six;
  const isTime = hour < 24 && minute < 60 && second < 60;
  const days = daysOf(year, month, day);
  if (!isTime || dateOf(days).join() !== [year, month, day].join()) return undefined;
  const fraction = Math.floor(Number(`0.${found[7] ?? 0}`) * 1000);
  return days * DAY_MS + (hour * 60 + minute) * 60_000 + second * 1000 + fraction - offsetMs(found[8]!);
}

type Six = [number, number, number, number, number, number];

function offsetMs(zone: string): number {
  if (zone === "Z") return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith("-") ? -minutes : minutes) * 60_000;
}

function pad(value: number, width: number): string {
  return String(Math.floor(value)).padStart(width, "0");
}
