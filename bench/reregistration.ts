// P5: how long a new leader takes to know 40,000 agents with 400,000 tasks again, each of ten labels, over five frameworks: the shape of Mesos'
// MasterFailover benchmark. The registry is loaded from the disk, the agents' calls come as the bytes they are on the wire, without sockets, and all at
// once; each is answered when what it changed is stored. Beside it the bare decoding of the same bytes. `node bench/reregistration.ts [AGENTS [TASKS [ROUNDS]]]`:
// TASKS of each agent
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeProtobuf, encodeProtobuf } from "@meseta/api/mesos/codec/protobuf.ts";
import type { Call } from "@meseta/api/mesos/generated/link.ts";
import type { FrameworkInfo, Task } from "@meseta/api/mesos/generated/mesos.ts";
import { RecordDecoder } from "@meseta/lib/core/recordio.ts";
import { protobuf } from "@meseta/sdk/core/protobuf.ts";
import { SchedulerClient } from "@meseta/sdk/scheduler/client.ts";
import { bag, registrationOf } from "./load/agents.ts";
import { type InProcessMaster, openMasterIn } from "./load/in-process.ts";
import { MemoryTransport } from "./load/memory-door.ts";
import { line, mebibytes, median, millis } from "./measure/numbers.ts";
import { inRoom } from "./measure/roomy.ts";

const [AGENTS = 40_000, TASKS = 10, ROUNDS = 3] = process.argv.slice(2).map(Number);
const GOAL_MS = 6_000;
const headers = { "content-type": "application/x-protobuf", accept: "application/x-protobuf" };
const frameworks: FrameworkInfo[] = Array.from({ length: 5 }, (_, i) => ({
  user: "root",
  name: `bench-${i}`,
  roles: ["bench"],
  checkpoint: true,
  failover_timeout: 3_600,
  capabilities: [{ type: "MULTI_ROLE" }, { type: "PARTITION_AWARE" }],
}));

async function main(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "meseta-bench-"));
  try {
    const known = await admitAll(dir);
    const calls = known.map((id, i) => encodeProtobuf("meseta.link.Call", again(i, id)));
    const bytes = calls.reduce((sum, { length }) => sum + length, 0);
    line(
      "calls",
      `${mebibytes(bytes / 1024)}`,
      `${AGENTS} agents, ${AGENTS * TASKS} tasks, ${Math.round(bytes / AGENTS)} bytes an agent`,
    );
    const rounds = [];
    for (let round = 0; round < ROUNDS; round++) rounds.push(await takeOver(dir, calls));
    tell(rounds);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

interface Round {
  bareMs: number;
  /** CPU time of the thread for the bare decoding and for the registering: neighbours change it less. */
  bareCpuMs: number;
  registerCpuMs: number;
  loadMs: number;
  registerMs: number;
  offerMs: number;
}

function tell(rounds: readonly Round[]): void {
  const of = (pick: (round: Round) => number): number => median(rounds.map(pick));
  line("bare decoding of the calls", millis(of(({ bareMs }) => bareMs)));
  const [bareCpu, registerCpu] = [of(({ bareCpuMs }) => bareCpuMs), of(({ registerCpuMs }) => registerCpuMs)];
  line("registry loaded", millis(of(({ loadMs }) => loadMs)));
  line(
    "P5 all registered again",
    millis(of(({ registerMs }) => registerMs)),
    `goal ${GOAL_MS} ms for 40,000 with 400,000 (Mesos 19 s)`,
    `${(of(({ registerMs }) => registerMs) / of(({ bareMs }) => bareMs)).toFixed(2)} × the bare decoding`,
  );
  line(
    "the same, CPU time of its thread",
    millis(registerCpu),
    `${(registerCpu / bareCpu).toFixed(2)} × that of the bare decoding, ${millis(bareCpu)}`,
  );
  line("first offer after the first agent", millis(of(({ offerMs }) => offerMs)));
}

const ids: string[] = [];

/** The ids of all agents, in the order of their numbers; the five frameworks have subscribed once. */
async function admitAll(dir: string): Promise<string[]> {
  await using master = await openMasterIn(dir);
  for (const framework of frameworks) ids.push(await subscribe(master, framework, () => {}));
  const calls = Array.from({ length: AGENTS }, (_, i) => encodeProtobuf("meseta.link.Call", first(i)));
  return await registerAll(master, calls);
}

async function takeOver(dir: string, calls: readonly Uint8Array[]): Promise<Round> {
  const beforeBare = process.threadCpuUsage();
  const bareMs = timed(() => {
    for (const bytes of calls) decodeProtobuf("meseta.link.Call", bytes);
  });
  const bareCpuMs = threadMs(beforeBare);
  const beganMs = performance.now();
  await using master = await openMasterIn(dir);
  const loadedMs = performance.now();
  let offeredMs = Number.NaN;
  const offered = () => {
    if (Number.isNaN(offeredMs)) offeredMs = performance.now();
  };
  for (const [i, framework] of frameworks.entries())
    await subscribe(master, { ...framework, id: { value: ids[i]! } }, offered);
  const before = process.threadCpuUsage();
  const startMs = performance.now();
  await registerAll(master, calls);
  const registerMs = performance.now() - startMs;
  const registerCpuMs = threadMs(before);
  const { agents, tasks } = counted(master);
  if (agents !== AGENTS || tasks !== AGENTS * TASKS) throw new Error(`${agents} agents with ${tasks} tasks are known`);
  while (Number.isNaN(offeredMs)) await new Promise(setImmediate);
  return { bareMs, bareCpuMs, registerCpuMs, loadMs: loadedMs - beganMs, registerMs, offerMs: offeredMs - startMs };
}

function counted({ loop }: InProcessMaster) {
  const all = [...loop.state.agents.values()];
  return { agents: all.length, tasks: all.reduce((sum, { tasks }) => sum + tasks.size, 0) };
}

function threadMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(since);
  return (user + system) / 1000;
}

function timed(work: () => void): number {
  const startMs = performance.now();
  work();
  return performance.now() - startMs;
}

/** Resolves with the framework's id. */
function subscribe(master: InProcessMaster, framework: FrameworkInfo, offered: () => void): Promise<string> {
  const transport = new MemoryTransport(master.door, "/api/v1/scheduler", headers.accept);
  const client = new SchedulerClient(transport, { framework, format: protobuf });
  return new Promise((resolve) =>
    client.start({
      event: (event) => {
        if (event.type === "SUBSCRIBED") resolve(event.subscribed!.framework_id.value);
        if (event.type === "OFFERS") offered();
      },
    }),
  );
}

/** So many calls are there at a time when a loop looks at its sockets. */
const AT_A_TIME = 1_024;

/** The agents' ids, as the master says them. */
function registerAll(master: InProcessMaster, calls: readonly Uint8Array[]): Promise<string[]> {
  const known: string[] = [];
  let left = calls.length;
  return new Promise((resolve) => {
    const arrive = (from: number): void => {
      for (const [i, body] of calls.slice(from, from + AT_A_TIME).entries())
        register(master, body, (id) => {
          known[from + i] = id;
          if (--left === 0) resolve(known);
        });
      if (from + AT_A_TIME < calls.length) setImmediate(() => arrive(from + AT_A_TIME));
    };
    arrive(0);
  });
}

function register({ door }: InProcessMaster, body: Uint8Array, registered: (id: string) => void): void {
  const decoder = new RecordDecoder();
  door.post("/api/v1/agent-link", body, headers, {
    answered: ({ status, body: text }) => {
      throw new Error(`an agent was answered ${status} ${text}`);
    },
    chunk: (bytes) => {
      for (const record of decoder.push(bytes)) {
        const { subscribed } = decodeProtobuf("meseta.link.Event", record);
        if (subscribed !== undefined) registered(subscribed.agent_id.value);
      }
    },
  });
}

function first(i: number): Call {
  return { link_version: 1, boot_id: `boot-${i}`, type: "SUBSCRIBE", subscribe: registrationOf(i) };
}

function again(i: number, agentId: string): Call {
  const { agent_info, ...rest } = registrationOf(i);
  const tasks = Array.from({ length: TASKS }, (_, j) => taskOf(i * TASKS + j, ids[j % ids.length]!, agentId));
  const infos = frameworks.map((framework, k) => ({ ...framework, id: { value: ids[k]! } }));
  const subscribe = { ...rest, agent_info: { ...agent_info, id: { value: agentId } }, frameworks: infos, tasks };
  return { link_version: 1, boot_id: `boot-${i}`, type: "SUBSCRIBE", subscribe };
}

function taskOf(number: number, frameworkId: string, agentId: string): Task {
  const task_id = { value: `task-${number}` };
  const agent_id = { value: agentId };
  return {
    name: "task",
    task_id,
    framework_id: { value: frameworkId },
    agent_id,
    state: "TASK_RUNNING",
    resources: bag({ cpus: 0.1, mem: 5 }).map((one) => ({ ...one, allocation_info: { role: "bench" } })),
    statuses: [{ task_id, agent_id, state: "TASK_RUNNING", source: "SOURCE_EXECUTOR", timestamp: 1_800_000_000 }],
    status_update_state: "TASK_RUNNING",
    labels: { labels: Array.from({ length: 10 }, (_, k) => ({ key: `key-${k}`, value: `value-${k}` })) },
  };
}

await inRoom(16_384, main);
