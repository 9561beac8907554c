// How long /state takes on a cluster of 10,000 agents, 100,000 running and 100,000 completed tasks, through the real server: first (nothing
// is encoded yet), again, and after one task changed; each against JSON.stringify of the same objects. And how long /health waits
// meanwhile, asked every 5 ms. Clients are threads of their own. `node bench/state.ts [AGENTS [TASKS]]`
import http from "node:http";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import type { FrameworkInfo, Task, TaskState } from "@meseta/api/mesos/generated/mesos.ts";
import { createMemoryDisk, createMemoryStore } from "@meseta/drivers/store/memory.ts";
import { MASTER_DEFAULTS, type MasterConfig } from "@meseta/kernel/core/master/state.ts";
import type { Look } from "@meseta/kernel/core/master/views/shape.ts";
import { oldStateParts } from "@meseta/kernel/core/master/views/state.ts";
import { type RunningMaster, startMaster } from "@meseta/kernel/io/master/server.ts";
import { silentLog } from "@meseta/lib/core/ports/log.ts";

const AGENTS = Number(process.argv[2] ?? 10_000);
const TASKS = Number(process.argv[3] ?? 100_000);
const FRAMEWORKS = Math.max(1, Math.floor(TASKS / 1000));
const ROUNDS = 5;
const POLLERS = 20;
const PROBE_INTERVAL_MS = 5;

const config: Omit<MasterConfig, "port"> = {
  ...MASTER_DEFAULTS,
  hostname: "127.0.0.1",
  ip: "127.0.0.1",
  cluster: "bench",
  version: "0.1.0",
  pingIntervalMs: 3_600_000,
  agentReregisterTimeoutMs: 3_600_000,
  offerTimeoutMs: undefined,
};

async function main(): Promise<void> {
  const startMs = performance.now();
  await using master = await fill();
  console.log(
    `filled      ${AGENTS} agents, ${TASKS} running and ${TASKS} completed tasks in ${show(performance.now() - startMs)}`,
  );
  const client = new Client(master.url);
  const cold = await probing(master.url, () => measured(() => client.read()));
  const warm = await repeat(() => measured(() => client.read()));
  const changed = await repeat(() => {
    change(master);
    return measured(() => client.read());
  });
  const plain = await stringify(master);
  const line = (name: string, { ms, cpuMs }: Measured) =>
    console.log(
      `${name.padEnd(11)} ${show(ms).padEnd(8)} CPU of the master ${show(cpuMs).padEnd(8)} ${(cpuMs / plain.cpuMs).toFixed(2)} × JSON.stringify`,
    );
  console.log(`answer      ${(cold.result.bytes / 1e6).toFixed(1)} MB`);
  line("stringify", plain);
  line("cold", cold.result);
  line("unchanged", warm);
  line("1 changed", changed);
  console.log(`/health     ${latencies(cold.waits)} during the first reading`);
  await together(client, master);
  process.exit(0);
}

async function together(client: Client, master: RunningMaster): Promise<void> {
  const changing = setInterval(() => change(master), 20);
  const { result, waits } = await probing(master.url, () =>
    Promise.all(Array.from({ length: POLLERS }, () => client.read())),
  );
  clearInterval(changing);
  const mean = result.reduce((sum, { ms }) => sum + ms, 0) / result.length;
  console.log(`${POLLERS} pollers  mean ${show(mean)}, while tasks change`);
  console.log(`/health     ${latencies(waits)} meanwhile`);
}

interface Measured {
  ms: number;
  /** Of the main thread, the only one of the master; it survives busy neighbours. */
  cpuMs: number;
  bytes: number;
}

async function measured(work: () => Promise<Read>): Promise<Measured> {
  const before = process.threadCpuUsage();
  const { ms, bytes } = await work();
  const { user, system } = process.threadCpuUsage(before);
  return { ms, bytes, cpuMs: (user + system) / 1000 };
}

async function repeat(work: () => Promise<Measured>): Promise<Measured> {
  const rounds: Measured[] = [];
  for (let i = 0; i < ROUNDS; i++) rounds.push(await work());
  return rounds.toSorted((a, b) => a.cpuMs - b.cpuMs)[Math.floor(ROUNDS / 2)]!;
}

/** The same objects encoded in one go: what a server without kept pieces does at each reading, and more quickly than it could. */
async function stringify(master: RunningMaster): Promise<Measured> {
  const { buffers, bytes } = await master.loop.readings.read({
    name: "state",
    document: (look: Look) => ({ form: "json", parts: oldStateParts(look) }),
  });
  const object = JSON.parse(Buffer.concat(buffers).toString());
  return repeat(() =>
    measured(async () => {
      const startMs = performance.now();
      JSON.stringify(object);
      return { ms: performance.now() - startMs, bytes };
    }),
  );
}

function change({ loop }: RunningMaster): void {
  const { state } = loop;
  const framework = state.frameworks.values().next().value!;
  const entry = framework.tasks.values().next().value!;
  entry.task = { ...entry.task, state: entry.task.state === "TASK_RUNNING" ? "TASK_KILLING" : "TASK_RUNNING" };
  entry.version = framework.version = ++state.version;
}

/** A master whose store knows the frameworks and their history, and to which all agents come with their tasks. */
async function fill(): Promise<RunningMaster> {
  const disk = createMemoryDisk();
  for (let f = 0; f < FRAMEWORKS; f++) {
    disk.records.set(
      `framework/${frameworkId(f)}`,
      JSON.stringify({ info: infoOf(f), registeredMs: 1_795_000_000_000 }),
    );
    const tasks = Array.from({ length: TASKS / FRAMEWORKS }, (_, i) =>
      taskOf(`done-${f}-${i}`, f, i % AGENTS, "TASK_FINISHED"),
    );
    disk.records.set(`completed-task/${frameworkId(f)}/000000000000`, JSON.stringify({ tasks }));
  }
  const ports = { store: createMemoryStore(disk), log: silentLog, clock: { nowMs: () => Date.now() } };
  const fatal = (reason: Error) => {
    throw reason;
  };
  const master = await startMaster({ host: "127.0.0.1", port: 0, config }, { ...ports, fatal });
  for (let a = 0; a < AGENTS; a++) subscribe(master, a);
  while (master.loop.queued > 0) await new Promise((resolve) => setImmediate(resolve));
  return master;
}

function subscribe({ loop }: RunningMaster, a: number): void {
  const perAgent = TASKS / AGENTS;
  const tasks = Array.from({ length: perAgent }, (_, i) =>
    taskOf(`run-${a}-${i}`, (a * perAgent + i) % FRAMEWORKS, a, "TASK_RUNNING"),
  );
  const agent_info = { hostname: `agent-${a}`, port: 5051, id: { value: agentId(a) } };
  const total_resources = [scalar("cpus", 32), scalar("mem", 262_144), scalar("disk", 1_000_000)];
  const call = {
    link_version: 1,
    boot_id: "b",
    agent_id: { value: agentId(a) },
    type: "SUBSCRIBE" as const,
    subscribe: { agent_info, version: "1.12.0", total_resources, resource_version: "AAAA", tasks },
  };
  loop.post({ type: "agent-subscribe", stream: 1_000_000 + a, principal: undefined, address: "10.0.0.1", call });
}

function taskOf(id: string, f: number, a: number, state: TaskState): Task {
  const container_status = {
    container_id: { value: `container-of-${id}` },
    network_infos: [{ ip_addresses: [{ protocol: "IPv4" as const, ip_address: "10.0.0.1" }] }],
  };
  const status = (of: TaskState, timestamp: number) => ({
    task_id: { value: id },
    state: of,
    timestamp,
    container_status,
  });
  return {
    name: `name of ${id}`,
    task_id: { value: id },
    framework_id: { value: frameworkId(f) },
    agent_id: { value: agentId(a) },
    state,
    resources: [scalar("cpus", 0.1), scalar("mem", 64)].map((resource) => ({
      ...resource,
      allocation_info: { role: "web" },
    })),
    statuses: [status("TASK_STARTING", 1_795_000_000.5), status(state, 1_795_000_001.25)],
    labels: { labels: Array.from({ length: 5 }, (_, i) => ({ key: `label-${i}`, value: `value ${i}` })) },
  };
}

function infoOf(f: number): FrameworkInfo {
  const capabilities = [{ type: "MULTI_ROLE" as const }];
  return {
    user: "root",
    name: `framework-${f}`,
    id: { value: frameworkId(f) },
    roles: ["web"],
    capabilities,
    failover_timeout: 1e6,
  };
}

function scalar(name: string, value: number) {
  return { name, type: "SCALAR" as const, scalar: { value } };
}

function frameworkId(f: number): string {
  return `4bd2b5f1-7f1a-4a7d-8f0c-52b0a9a0f6b6-${String(f).padStart(4, "0")}`;
}

function agentId(a: number): string {
  return `4bd2b5f1-7f1a-4a7d-8f0c-52b0a9a0f6b6-S${a}`;
}

interface Read {
  ms: number;
  bytes: number;
}

/** Reads /state in a thread of its own. */
class Client {
  readonly #worker: Worker;
  #next = 0;

  constructor(url: string) {
    this.#worker = new Worker(new URL(import.meta.url), { workerData: { url, probe: false } });
    this.#worker.setMaxListeners(0);
  }

  read(): Promise<Read> {
    const id = this.#next++;
    return new Promise((resolve) => {
      const listen = (answer: Read & { id: number }) => {
        if (answer.id !== id) return;
        this.#worker.off("message", listen);
        resolve(answer);
      };
      this.#worker.on("message", listen).postMessage(id);
    });
  }
}

async function readWhenAsked(url: string): Promise<void> {
  const agent = new http.Agent({ keepAlive: true });
  parentPort!.on("message", async (id: number) =>
    parentPort!.postMessage({ id, ...(await get(`${url}/state`, agent)) }),
  );
}

/** What `work` gives, and how long /health waited while it ran, in milliseconds. */
async function probing<T>(url: string, work: () => Promise<T>): Promise<{ result: T; waits: number[] }> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { url, probe: true } });
  await new Promise((resolve) => worker.once("message", resolve));
  const result = await work();
  const waits = await new Promise<number[]>((resolve) => worker.once("message", resolve).postMessage("stop"));
  await worker.terminate();
  return { result, waits };
}

async function probe(url: string): Promise<void> {
  const agent = new http.Agent({ keepAlive: true });
  const waits: number[] = [];
  let stopped = false;
  parentPort!.on("message", () => {
    stopped = true;
  });
  await get(`${url}/health`, agent);
  parentPort!.postMessage("ready");
  while (!stopped) {
    waits.push((await get(`${url}/health`, agent)).ms);
    await new Promise((resolve) => setTimeout(resolve, PROBE_INTERVAL_MS));
  }
  parentPort!.postMessage(waits);
}

function get(url: string, agent: http.Agent): Promise<Read> {
  const startMs = performance.now();
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent }, (response) => {
      let bytes = 0;
      response.on("data", (chunk: Buffer) => (bytes += chunk.length));
      response.on("end", () => resolve({ ms: performance.now() - startMs, bytes }));
      response.on("error", reject);
    });
    request.on("error", reject);
  });
}

function latencies(waits: number[]): string {
  const sorted = waits.toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(share * sorted.length)] ?? 0).toFixed(1);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${sorted.at(-1)?.toFixed(1)} ms of ${sorted.length}`;
}

function show(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

if (isMainThread) await main();
else if (workerData.probe) await probe(workerData.url);
else await readWhenAsked(workerData.url);
