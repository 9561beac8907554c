// P11: 100,000 jobs held by a cron of its own process, as users start it, of which 1,000 are due in each second, one each millisecond; then the cron is killed (SIGKILL) in mid-minute and started again.
// Master and simulated agents are in the bench's process; between them and cron are sockets. Lateness is from the instant for which a run is until its task comes to its agent. Beside it the
// lateness of a plain timer loop of this process over the same second.
// `node bench/cron-firings.ts [JOBS [SECONDS [AGENTS]]]`
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { serve } from "@meseta/lib/io/http/server.ts";
import { openMaster, ports } from "./load/in-process.ts";
import { startAgents } from "./load/task-clock.ts";
import { line, mebibytes, millis, quantile, rate } from "./measure/numbers.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const CLIENTS = 32;
/** How often each job runs; so many milliseconds, so many jobs: one is due in each of them. */
const EVERY_MS = 100_000;
/** Before the first firing, for the clients to make all jobs. */
const LEAD_MS = 5_000;
/** How long it is waited for what has not come. */
const MOST_LATE_S = 60;

interface Seen {
  readonly dueMs: number;
  readonly atMs: number;
}

async function main(jobs: number, seconds: number, agents: number): Promise<void> {
  const master = await openMaster();
  const server = await serve({ host: "127.0.0.1", port: 0, handler: master.handler, log: ports.log });
  const runs = new Map<string, Seen[]>();
  await startAgents(master.door, agents, ({ task, atMs }) => {
    const [, due, , job] = task.task_id.value.split(":");
    const key = `${job}@${due}`;
    const seen = { dueMs: Number(due), atMs };
    const known = runs.get(key);
    if (known === undefined) runs.set(key, [seen]);
    else known.push(seen);
  });
  const dir = mkdtempSync(join(tmpdir(), "meseta-bench-"));
  let cron = await startCron(server.url, dir);
  try {
    const emptyKib = rssKib(cron.child);
    const beganMs = performance.now();
    // All jobs begin in the future, and stay quiet while they are made.
    const startMs = Math.ceil(Date.now() / 1000) * 1000 + LEAD_MS + jobs * 1.2;
    await makeJobs(cron.url, jobs, startMs);
    const madeMs = performance.now() - beganMs;
    line(`make ${jobs} jobs`, rate((jobs / madeMs) * 1000), `${(madeMs / 1000).toFixed(1)} s`);
    const { heapBytes } = await memoryOf(cron.url);
    line(
      "memory",
      `${((rssKib(cron.child) - emptyKib) / jobs).toFixed(2)} KiB`,
      "RSS a job, with the heap's slack",
      `heap ${mebibytes(heapBytes / 1024)}`,
      "goal 2 KiB",
    );
    if (Date.now() > startMs) throw new Error("the jobs were not made in time: ask for fewer");
    await until(startMs + seconds * 1000 + 3000);
    report(
      `${seconds} s`,
      between(runs, startMs, startMs + seconds * 1000),
      jobs,
      seconds * 1000,
      "goal p50 20 ms, p99 250 ms, none missed, none doubled",
    );
    const timers = await timerLoop(2000);
    line("a timer loop alone", millis(quantile(timers, 0.5)), `p99 ${millis(quantile(timers, 0.99))}`);
    const killMs = startMs + (seconds + 10) * 1000;
    await until(killMs);
    cron.child.kill("SIGKILL");
    cron = await startCron(server.url, dir);
    line("back after a kill", millis(Date.now() - killMs), "until it listens");
    const [fromMs, toMs] = [killMs - 5000, killMs + 20_000];
    await until(toMs + 3000);
    // What is late is not missed: the lateness says it.
    for (let s = 0; s < MOST_LATE_S && between(runs, fromMs, toMs).length < expectedIn(jobs, toMs - fromMs); s++)
      await pause(1000);
    report("a kill", between(runs, fromMs, toMs), jobs, toMs - fromMs, "goal p99 3 s, none missed, none doubled");
  } finally {
    cron.child.kill("SIGKILL");
    // What agents have on their lips is heard to its end.
    await pause(1000);
    await server.close();
    await master[Symbol.asyncDispose]();
    rmSync(dir, { recursive: true });
  }
}

function report(name: string, seen: readonly (readonly Seen[])[], jobs: number, spanMs: number, goal: string): void {
  const expected = expectedIn(jobs, spanMs);
  const lateness = seen.map(([first]) => first!.atMs - first!.dueMs);
  const doubled = seen.filter(({ length }) => length > 1).length;
  line(
    `firings in ${name}`,
    millis(quantile(lateness, 0.5)),
    `p99 ${millis(quantile(lateness, 0.99))}, longest ${millis(lateness.reduce((most, ms) => Math.max(most, ms), 0))}`,
    `${seen.length} of ${expected}: ${expected - seen.length} missed, ${doubled} doubled`,
    goal,
  );
}

function expectedIn(jobs: number, spanMs: number): number {
  return Math.round((spanMs / EVERY_MS) * jobs);
}

function between(runs: ReadonlyMap<string, readonly Seen[]>, fromMs: number, toMs: number): (readonly Seen[])[] {
  return [...runs.values()].filter(([first]) => first!.dueMs >= fromMs && first!.dueMs < toMs);
}

async function makeJobs(url: string, jobs: number, startMs: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < jobs) {
      const i = next++;
      const start = new Date(startMs + Math.floor((i * EVERY_MS) / jobs)).toISOString();
      const body = {
        name: `job-${i}`,
        command: "true",
        owner: "",
        schedule: `R/${start}/PT${EVERY_MS / 1000}S`,
        cpus: 0.1,
        mem: 32,
        disk: 1,
        catchUp: "EACH",
      };
      await post(`${url}/v1/scheduler/iso8601`, body, agent);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  agent.destroy();
}

function post(url: string, body: unknown, agent: Agent): Promise<void> {
  const bytes = Buffer.from(JSON.stringify(body));
  const headers = { "Content-Type": "application/json", "Content-Length": bytes.length };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: "POST", agent, headers }, (response) => {
      response.resume();
      response.on("end", () => (response.statusCode === 204 ? resolve() : reject(new Error(`${response.statusCode}`))));
    });
    sent.on("error", reject);
    sent.end(bytes);
  });
}

interface CronProcess {
  readonly child: ChildProcess;
  readonly url: string;
}

function startCron(master: string, dir: string): Promise<CronProcess> {
  const flags = ["cron", "--master", master, "--port", "0", "--metronome-port", "0", "--dir", dir];
  const child = spawn(join(root, "bin/meseta"), flags, { stdio: ["ignore", "ignore", "pipe"] });
  process.once("exit", () => child.kill("SIGKILL"));
  let text = "";
  return new Promise((resolve, reject) => {
    child.once("exit", () => reject(new Error(`it ended before it listened: ${text}`)));
    child.stderr.on("data", (chunk: Buffer) => {
      if (text.length < 100_000) text += chunk;
      const url = / chronos=(\S+)/.exec(text)?.[1];
      if (url !== undefined) resolve({ child, url });
    });
  });
}

async function memoryOf(url: string): Promise<{ heapBytes: number }> {
  const answer = await fetch(`${url}/metrics`);
  const text = await answer.text();
  return { heapBytes: Number(/"chronos\.heap\.used\.gauge\.bytes":\{"value":(\d+)/.exec(text)?.[1] ?? 0) };
}

function rssKib({ pid }: ChildProcess): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

/** The lateness of 1,000 timers a second, each for its own millisecond. */
function timerLoop(count: number): Promise<number[]> {
  const late: number[] = [];
  const startMs = Date.now() + 10;
  return new Promise((resolve) => {
    for (let i = 0; i < count; i++)
      setTimeout(() => {
        late.push(Math.max(0, Date.now() - (startMs + i)));
        if (late.length === count) resolve(late);
      }, 10 + i);
  });
}

async function until(atMs: number): Promise<void> {
  await pause(Math.max(0, atMs - Date.now()));
}

const [jobs = 100_000, seconds = 60, agents = 1000] = process.argv.slice(2).map(Number);
await main(jobs, seconds, agents);
process.exit(0);
