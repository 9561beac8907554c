// How long it takes to say when each of 100,000 jobs fires next, against the package croner, and what a job costs that waits.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { readScheduled } from "@meseta/cron/core/definition/chronos.ts";
import { DEFAULT_SETTINGS } from "@meseta/cron/core/definition/settings.ts";
import { type Job, schedulesOf } from "@meseta/cron/core/job.ts";
import { nextFiring, type Schedule } from "@meseta/cron/core/next.ts";
import { scheduleOf } from "@meseta/cron/core/when.ts";
import { Cron } from "croner";

const JOBS = 100_000;
const NOW_MS = Date.UTC(2026, 2, 1);
const ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"];
const KINDS: Readonly<Record<string, (i: number) => string>> = {
  "every few minutes": (i) => `*/${2 + (i % 20)} * * * *`,
  "weekdays at a time": (i) => `${i % 60} ${i % 24} * * MON-FRI`,
  "last day of the month": (i) => `${i % 60} ${i % 24} L * *`,
  "interval of minutes": (i) => `R/2026-01-01T00:00:00Z/PT${1 + (i % 90)}M`,
  "interval of days": (i) => `R/2026-01-01T00:00:00Z/P${1 + (i % 7)}D`,
  "interval of months": (i) => `R/2025-01-31T00:00:00Z/P${1 + (i % 7)}M`,
};

for (const [kind, text] of Object.entries(KINDS)) {
  const schedules = schedulesFor(text);
  const us = microsecondsEach(() => {
    for (const schedule of schedules) nextFiring(schedule, NOW_MS);
  });
  console.log(`${kind.padEnd(22)} ${us.toFixed(2)} µs${text(0).startsWith("R") ? "" : againstCroner(text, us)}`);
}

const heapBefore = heap();
const jobs = Array.from({ length: JOBS }, (_, i) => jobOf(i, KINDS["interval of minutes"]!));
console.log(`a job that waits        ${Math.round((heap() - heapBefore) / jobs.length)} B`);

function schedulesFor(text: (i: number) => string): Schedule[] {
  return Array.from({ length: JOBS }, (_, i) => scheduleOf(schedulesOf(jobOf(i, text))[0]!.when));
}

function jobOf(i: number, text: (i: number) => string): Job {
  const body = { name: `job-${i}`, command: `echo ${i}`, schedule: text(i), scheduleTimeZone: ZONES[i % ZONES.length] };
  const read = readScheduled(body, { settings: DEFAULT_SETTINGS, nowMs: NOW_MS });
  if ("refusal" in read) throw new Error(read.refusal.body.message);
  return read.value.job;
}

function againstCroner(text: (i: number) => string, us: number): string {
  const some = Array.from({ length: JOBS / 100 }, (_, i) => {
    return new Cron(text(i), { timezone: ZONES[i % ZONES.length]!, domAndDow: true, paused: true });
  });
  const theirs = microsecondsEach(() => {
    for (const cron of some) cron.nextRun(new Date(NOW_MS));
  }, some.length);
  return `   croner takes ${(theirs / us).toFixed(0)} × as long`;
}

/** CPU time, not wall time: a busy neighbour does not count. */
function microsecondsEach(round: () => void, count = JOBS): number {
  round();
  const before = process.cpuUsage();
  round();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

function heap(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().heapUsed;
}
