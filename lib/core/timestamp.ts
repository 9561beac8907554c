import { DAY_MS, dateOf, daysOf } from "./calendar.ts";

const STAMP = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)$/;

/** `2026-01-05T10:00:00.000Z` of ms since 1970, fractions dropped: how the APIs write times. Years 0 to 9999. */
export function formatTimestamp(nowMs: number): string {
  const whole = Math.floor(nowMs);
  const second = Math.floor(whole / 1000);
  if (second !== last.second) last = { second, text: textOf(second) };
  return `${last.text}.${pad(whole - second * 1000, 3)}Z`;
}

// Most times that are written one after the other are of one second.
let last = { second: 0, text: "1970-01-01T00:00:00" };

function textOf(atSecond: number): string {
  const days = Math.floor(atSecond / DAY_SECONDS);
  const seconds = atSecond - days * DAY_SECONDS;
  const [year, month, day] = dateOf(days);
  const date = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
  return `${date}T${pad(seconds / 3600, 2)}:${pad((seconds / 60) % 60, 2)}:${pad(seconds % 60, 2)}`;
}

const DAY_SECONDS = DAY_MS / 1000;

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
