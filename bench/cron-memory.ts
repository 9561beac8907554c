// What an idle job costs cron: its memory, as its core is built from the records of so many jobs, half of them by Chronos' API and half by Metronome's; how long that takes; the first event; and the reading of
// all jobs: CPU until the first piece of the answer is made (nothing else is served meanwhile), the longest piece, and all. In this process, without sockets and store.
// `node bench/cron-memory.ts [JOBS]`
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { CONFIG } from "@meseta/cron/core/config.rig.ts";
import { type Cron, createCron } from "@meseta/cron/core/cron.ts";
import { CronOut } from "@meseta/cron/core/out.ts";
import type { Query } from "@meseta/cron/core/query.ts";
import { readQuery } from "@meseta/cron/core/views/read.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { cpuMs, line, millis } from "./measure/numbers.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const NOW_MS = Date.UTC(2026, 0, 5, 10);
const IN_AN_HOUR = new Date(NOW_MS + 3_600_000).toISOString();

function main(jobs: number): void {
  const texts = recordsOf(jobs);
  const bytes = texts.reduce((sum, [key, text]) => sum + key.length + text.length, 0);
  line("records", `${(bytes / jobs).toFixed(0)} B`, "a job, text and keys");
  const before = heapBytes();
  const loading = process.cpuUsage();
  // As a store gives them: texts that nobody keeps.
  const cron = create(texts.map(([key, text]) => [key, Buffer.from(text).toString()]));
  line("load", millis(cpuMs(loading)), "CPU", `${((cpuMs(loading) / jobs) * 1000).toFixed(1)} µs a job`);
  const starting = process.cpuUsage();
  cron.apply({ type: "wake", wake: { for: "start" } }, NOW_MS, new CronOut());
  line("the event of the start", millis(cpuMs(starting)), "CPU");
  line("memory", `${((heapBytes() - before) / jobs).toFixed(0)} B`, "of heap an idle job", "goal 2,048 B");
  for (let round = 0; round < 2; round++)
    for (const [name, query] of READINGS) line(name, ...timesOf(cron, query), round === 0 ? "cold" : "warm");
}

const READINGS: readonly (readonly [name: string, query: Query])[] = [
  ["GET /v1/scheduler/jobs", { kind: "chronos-jobs" }],
  ["GET /v1/scheduler/jobs/summary", { kind: "chronos-summary" }],
  ["GET /v1/jobs", { kind: "jobs", embed: new Set() }],
  ["GET /v1/jobs, all embedded", { kind: "jobs", embed: new Set(["activeRuns", "schedules", "history"]) }],
];

function timesOf({ state }: Cron, query: Query): [first: string, ...beside: string[]] {
  const startMs = performance.now();
  const pieces = readQuery(state, query, NOW_MS).pieces[Symbol.iterator]();
  let [length, longestMs, firstMs] = [0, 0, 0];
  for (let from = startMs; ; from = performance.now()) {
    const next = pieces.next();
    const tookMs = performance.now() - from;
    if (from === startMs) firstMs = tookMs + (from - startMs);
    else longestMs = Math.max(longestMs, tookMs);
    if (next.done === true) break;
    length += next.value.length;
  }
  const allMs = performance.now() - startMs;
  const mb = `${(length / 1e6).toFixed(1)} MB in ${millis(allMs)}`;
  return [millis(firstMs), "until the first piece", `longest other ${millis(longestMs)}`, mb];
}

/** The records that calls of clients leave. */
function recordsOf(jobs: number): [string, string][] {
  const cron = create([]);
  const out = new CronOut();
  for (let i = 0; i < jobs; i++) {
    const call =
      i % 2 === 0
        ? ({ kind: "chronos-put", isDependent: false, body: chronosJob(i) } as const)
        : ({ kind: "create-job", isWhole: true, body: metronomeJob(i) } as const);
    cron.apply({ type: "call", request: i, call }, NOW_MS, out);
    out.effects.length = 0;
  }
  if (cron.state.entries.size !== jobs) throw new Error(`${cron.state.entries.size} jobs were made`);
  return [...out.puts].sort(([one], [other]) => (one < other ? -1 : 1));
}

function create(records: [string, string][]): Cron {
  return createCron(CONFIG, { random: createRandom(1), startMs: NOW_MS, records });
}

function chronosJob(i: number): object {
  const schedule = `R/${IN_AN_HOUR}/PT24H`;
  return { name: `nightly-report-${i}`, command: `report --part ${i}`, schedule, owner: "ops@example.com", cpus: 0.1 };
}

function metronomeJob(i: number): object {
  const run = { cmd: `report --part ${i}`, cpus: 0.1, mem: 32, disk: 0, env: { PART: `${i}` } };
  const schedule = { id: "nightly", cron: `${i % 60} 2 * * *`, timezone: "Europe/Berlin" };
  return { id: `reports.nightly-${i}`, description: "", labels: { team: "ops" }, run, schedules: [schedule] };
}

function heapBytes(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

main(Number(process.argv[2] ?? 100_000));
