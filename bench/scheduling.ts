// P3: how many tasks a second the master schedules: 5,000 simulated agents, 50,000 tasks launched one by one (offer → ACCEPT → RUN → TASK_RUNNING →
// acknowledged). First in one process: the master's routes, core, daemon and SQLite store, and agents and a scheduler that speak the real bytes but
// without sockets. Then over loopback HTTP, with the agents in a second process and the scheduler in a third. Beside it what a bare node:http server answers,
// as five messages make one task. `node bench/scheduling.ts [AGENTS [TASKS [ROUNDS]]]`

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openSqlite } from "@meseta/drivers/store/sqlite/store.ts";
import { LinkClient } from "@meseta/kernel/io/agent/link-client.ts";
import { startMaster } from "@meseta/kernel/io/master/server.ts";
import { CallStream } from "@meseta/lib/io/call-stream.ts";
import { protobuf } from "@meseta/sdk/core/protobuf.ts";
import { SchedulerClient } from "@meseta/sdk/scheduler/client.ts";
import { barePostsPerSecond } from "./bare/http.ts";
import { registrationOf, runningMessage } from "./load/agents.ts";
import { openMaster, ports, simulateAgent } from "./load/in-process.ts";
import { masterConfig } from "./load/master-config.ts";
import { MemoryTransport } from "./load/memory-door.ts";
import { framework, launchOneByOne, type Spent } from "./load/one-by-one.ts";
import { line, median, rate } from "./measure/numbers.ts";

const MESSAGES_A_TASK = 5;
const MEDIA_TYPE = "application/x-protobuf";
const SCHEDULER_CONNECTIONS = 32;
const IN_FLIGHT = 256;

async function main(agents: number, tasks: number, rounds: number): Promise<void> {
  const inProcess: number[] = [];
  const overHttp: number[] = [];
  const bare: number[] = [];
  const cpu: number[] = [];
  for (let round = 0; round < rounds; round++) {
    bare.push(await barePostsPerSecond(430, 40_000));
    const spent = await scheduleInProcess(agents, tasks);
    inProcess.push((tasks * 1000) / spent.ms);
    cpu.push((spent.cpuMs * 1000) / tasks);
    overHttp.push((tasks * 1000) / (await scheduleOverHttp(agents, tasks)));
  }
  const perTask = median(bare) / MESSAGES_A_TASK;
  const ratio = (of: number[]) => `${(median(of) / perTask).toFixed(2)} × (bare POSTs ÷ ${MESSAGES_A_TASK})`;
  line("bare node:http POSTs", rate(median(bare)));
  line(
    "P3 in process",
    rate(median(inProcess)),
    ratio(inProcess),
    `${median(cpu).toFixed(0)} µs of CPU a task`,
    "goal 10,000 /s",
  );
  line("P3 over loopback HTTP", rate(median(overHttp)), ratio(overHttp), "goal 3,000 /s, 0.30");
  process.exit(0);
}

async function scheduleInProcess(agents: number, tasks: number): Promise<Spent> {
  await using master = await openMaster();
  let subscribed = 0;
  await new Promise<void>((resolve) => {
    for (let i = 0; i < agents; i++) simulateAgent(master.door, i, () => ++subscribed === agents && resolve());
  });
  const transport = new MemoryTransport(master.door, "/api/v1/scheduler", MEDIA_TYPE);
  const client = new SchedulerClient(transport, { framework, format: protobuf, acknowledge: "manual" });
  return await launchOneByOne(client, { tasks, offers: agents, inFlight: IN_FLIGHT });
}

async function scheduleOverHttp(agents: number, tasks: number): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), "meseta-bench-"));
  const store = await openSqlite(join(dir, "store.db"));
  const master = await startMaster({ host: "127.0.0.1", port: 0, config: masterConfig }, { ...ports, store });
  const linked = play("agents", master.url, agents);
  await linked.said;
  const scheduler = play("scheduler", master.url, agents, tasks);
  const ms = Number(await scheduler.said);
  linked.end();
  await master.stop();
  rmSync(dir, { recursive: true });
  return ms;
}

/** This file in another process; `said` is the first thing that it prints. */
function play(part: string, ...args: (string | number)[]): { said: Promise<string>; end(): void } {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), part, ...args.map(String)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said = new Promise<string>((resolve, reject) => {
    child.stdout.once("data", (chunk: Buffer) => resolve(String(chunk)));
    child.once("exit", (code) => reject(new Error(`the ${part} ended with ${code}`)));
  });
  return { said, end: () => void child.kill() };
}

/** Says "ready" when all are registered; stays until it is killed. */
async function playAgents(url: string, agents: number): Promise<void> {
  let subscribed = 0;
  for (let i = 0; i < agents; i++) {
    linkAgent(url, i, () => subscribed++);
    if (i % 100 === 99) while (subscribed < i - 100) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  while (subscribed < agents) await new Promise((resolve) => setTimeout(resolve, 5));
  console.log("ready");
}

/** Prints how many milliseconds it took. */
async function playScheduler(url: string, agents: number, tasks: number): Promise<void> {
  const transport = new CallStream({
    urls: [url],
    path: "/api/v1/scheduler",
    mediaType: MEDIA_TYPE,
    connections: SCHEDULER_CONNECTIONS,
  });
  const client = new SchedulerClient(transport, { framework, format: protobuf, acknowledge: "manual" });
  console.log((await launchOneByOne(client, { tasks, offers: agents, inFlight: IN_FLIGHT })).ms);
  process.exit(0);
}

function linkAgent(url: string, i: number, onSubscribed: () => void): void {
  let agentId = "";
  const client = new LinkClient({
    masters: [url],
    processId: `boot-${i}`,
    event: (link, event) => {
      if (event.subscribed !== undefined) {
        agentId = event.subscribed.agent_id.value;
        onSubscribed();
      }
      const message = runningMessage(event, agentId);
      if (message !== undefined) client.tell(link, message);
    },
    closed: (_, reason) => {
      throw new Error(`agent ${i} lost its link: ${reason}`);
    },
  });
  client.connect(1, undefined, 0, registrationOf(i));
}

const [part = "", ...rest] = process.argv.slice(2);
if (part === "agents") await playAgents(rest[0]!, Number(rest[1]));
else if (part === "scheduler") await playScheduler(rest[0]!, Number(rest[1]), Number(rest[2]));
else {
  const [agents = 5_000, tasks = 50_000, rounds = 5] = process.argv.slice(2).map(Number);
  await main(agents, tasks, rounds);
}
