// P3: how many tasks a second the master schedules: 5,000 simulated agents, 50,000 tasks launched one by one (offer → ACCEPT → RUN → TASK_RUNNING →
// acknowledged). First in one process: the master's routes, core, daemon and SQLite store, and agents and a scheduler that speak the real bytes but
// without sockets. Then over loopback HTTP, with the agents and the scheduler in a second process. Beside it what a bare node:http server answers,
// as five messages make one task. `node bench/scheduling.ts [AGENTS [TASKS [ROUNDS]]]`

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeProtobuf, encodeProtobuf } from "@meseta/api/mesos/codec/protobuf.ts";
import type { Event as LinkEvent } from "@meseta/api/mesos/generated/link.ts";
import { openSqlite } from "@meseta/drivers/store/sqlite/store.ts";
import { LinkClient } from "@meseta/kernel/io/agent/link-client.ts";
import { MasterFiles } from "@meseta/kernel/io/master/files.ts";
import { Verbosity } from "@meseta/kernel/io/master/logging.ts";
import { MasterLoop } from "@meseta/kernel/io/master/loop.ts";
import { masterHandler, startMaster } from "@meseta/kernel/io/master/server.ts";
import { silentLog } from "@meseta/lib/core/ports/log.ts";
import { RecordDecoder } from "@meseta/lib/core/recordio.ts";
import { CallStream } from "@meseta/lib/io/call-stream.ts";
import { protobuf } from "@meseta/sdk/core/protobuf.ts";
import { SchedulerClient } from "@meseta/sdk/scheduler/client.ts";
import { barePostsPerSecond } from "./bare/http.ts";
import { callOf, registrationOf, runningMessage } from "./load/agents.ts";
import { masterConfig } from "./load/master-config.ts";
import { MemoryDoor, MemoryTransport } from "./load/memory-door.ts";
import { framework, launchOneByOne, type Spent } from "./load/one-by-one.ts";
import { line, median, rate } from "./measure/numbers.ts";

const MESSAGES_A_TASK = 5;
const MEDIA_TYPE = "application/x-protobuf";
const SCHEDULER_CONNECTIONS = 16;
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
  const dir = mkdtempSync(join(tmpdir(), "meseta-bench-"));
  const store = await openSqlite(join(dir, "store.db"));
  const config = { ...masterConfig, port: 5050 };
  const loop = new MasterLoop(config, { ...ports(), store, seed: () => 1 });
  await loop.start();
  const front = {
    loop,
    config,
    files: new MasterFiles(undefined),
    verbosity: new Verbosity(silentLog),
    log: silentLog,
    leader: () => "self" as const,
  };
  const door = new MemoryDoor(masterHandler(front));
  for (let i = 0; i < agents; i++) simulateAgent(door, i);
  while (loop.state.agents.size < agents) await new Promise((resolve) => setImmediate(resolve));
  const client = new SchedulerClient(new MemoryTransport(door, "/api/v1/scheduler", MEDIA_TYPE), {
    framework,
    format: protobuf,
    acknowledge: "manual",
  });
  const spent = await launchOneByOne(client, { tasks, offers: agents, inFlight: IN_FLIGHT });
  loop.stop();
  await store.close();
  rmSync(dir, { recursive: true });
  return spent;
}

function simulateAgent(door: MemoryDoor, i: number): void {
  const headers = { "content-type": MEDIA_TYPE, accept: MEDIA_TYPE };
  const bootId = `boot-${i}`;
  const decoder = new RecordDecoder();
  let [agentId, epoch] = ["", 0];
  const hear = (event: LinkEvent) => {
    if (event.subscribed !== undefined) [agentId, epoch] = [event.subscribed.agent_id.value, event.subscribed.epoch];
    const message = runningMessage(event, agentId);
    if (message === undefined) return;
    const body = encodeProtobuf("meseta.link.Call", callOf(bootId, agentId, epoch, [message]));
    door.post("/api/v1/agent-link", body, headers, { answered: mustBe202 });
  };
  const subscribe = { link_version: 1, boot_id: bootId, type: "SUBSCRIBE" as const, subscribe: registrationOf(i) };
  door.post("/api/v1/agent-link", encodeProtobuf("meseta.link.Call", subscribe), headers, {
    answered: mustBe202,
    chunk: (bytes) => {
      for (const record of decoder.push(bytes)) hear(decodeProtobuf("meseta.link.Event", record));
    },
  });
}

function mustBe202({ status, body }: { status: number; body?: unknown }): void {
  if (status !== 202) throw new Error(`an agent was answered ${status} ${body}`);
}

async function scheduleOverHttp(agents: number, tasks: number): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), "meseta-bench-"));
  const store = await openSqlite(join(dir, "store.db"));
  const master = await startMaster({ host: "127.0.0.1", port: 0, config: masterConfig }, { ...ports(), store });
  const args = [fileURLToPath(import.meta.url), "clients", master.url, String(agents), String(tasks)];
  const clients = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const chunks: Buffer[] = [];
  clients.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => clients.once("close", resolve));
  await master.stop();
  rmSync(dir, { recursive: true });
  return Number(Buffer.concat(chunks));
}

/** The second process: prints how many milliseconds it took. */
async function runClients(url: string, agents: number, tasks: number): Promise<void> {
  let subscribed = 0;
  for (let i = 0; i < agents; i++) {
    linkAgent(url, i, () => subscribed++);
    if (i % 100 === 99) while (subscribed < i - 100) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  while (subscribed < agents) await new Promise((resolve) => setTimeout(resolve, 5));
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

function ports() {
  const fatal = (reason: Error) => {
    throw reason;
  };
  return { log: silentLog, clock: { nowMs: () => Date.now() }, fatal };
}

if (process.argv[2] === "clients") await runClients(process.argv[3]!, Number(process.argv[4]), Number(process.argv[5]));
else {
  const [agents = 5_000, tasks = 50_000, rounds = 5] = process.argv.slice(2).map(Number);
  await main(agents, tasks, rounds);
}
