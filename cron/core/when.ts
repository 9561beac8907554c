import { assert } from "@meseta/lib/core/assert.ts";
import type { When } from "./job.ts";
import { parseCron } from "./next/parse-cron.ts";
import { intervalText, parseInterval, readZone } from "./next/parse-interval.ts";
import { type Parsed, parsing } from "./next/parsed.ts";
import type { Schedule } from "./next.ts";

/** Reads a schedule's text, which both APIs take in both notations: cron, and ISO 8601 with its slashes and R. An empty zone is UTC for cron. */
export function readWhen(text: string, zone: string, nowMs: number): Parsed<When> {
  if (/^\s*R\d*\//i.test(text)) {
    const parsed = parseInterval(text, zone, nowMs);
    return "error" in parsed ? parsed : { value: { ...parsed.value, isZoned: zone !== "" } };
  }
  const named = parsing(() => (zone === "" ? "UTC" : readZone(zone)));
  if ("error" in named) return named;
  const parsed = parseCron(text);
  return "error" in parsed ? parsed : { value: { type: "cron", cron: parsed.value.text, zone: named.value } };
}

/** It as both APIs show it: a cron expression as it was written, an interval from its next start on. */
export function whenText(when: When): string {
  return when.type === "cron" ? when.cron : intervalText(when);
}

/** It in the form that is asked for its firings. Reading a cron expression costs more than asking, and many jobs have the same one: what was read is kept. */
export function scheduleOf(when: When): Schedule {
  if (when.type === "interval") return when;
  const key = `${when.zone} ${when.cron}`;
  const known = read.get(key);
  if (known !== undefined) return known;
  const parsed = parseCron(when.cron);
  assert("value" in parsed, "a schedule was read before it was stored");
  const schedule: Schedule = { type: "cron", fields: parsed.value, zone: when.zone };
  if (read.size >= MOST_READ) read.clear();
  read.set(key, schedule);
  return schedule;
}

// Only a memory, bounded: nothing that is decided depends on what is in it.
const read = new Map<string, Schedule>();
const MOST_READ = 10_000;
