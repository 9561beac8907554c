// P14: what an idle agent with its launcher takes of memory, against a bare node:http process started in the same way; what each running command adds;
// what a master takes that holds 50,000 agents and 500,000 tasks; and how long master and agent take until they are ready.
// `node bench/footprint.ts [AGENTS [TASKS]]`
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { encodeProtobuf } from "@meseta/api/mesos/codec/protobuf.ts";
import type { FrameworkInfo, Task } from "@meseta/api/mesos/generated/mesos.ts";
import { bag, registrationOf, updateMessage } from "./load/agents.ts";
import { Commands } from "./load/commands.ts";
import { openMaster } from "./load/in-process.ts";
import { descendants, Part } from "./load/processes.ts";
import { memoryOf } from "./measure/memory.ts";
import { line, mebibytes, median, millis } from "./measure/numbers.ts";

const ROUNDS = 5;
const COMMANDS = 200;
const FRAMEWORKS = 5;
/** After it, what a start leaves behind has been collected. */
const SETTLE_MS = 5_000;

async function main(agents: number, tasks: number): Promise<void> {
  await starts();
  await agent();
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), "master", String(agents), String(tasks)], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  await once(child, "exit");
}

/** Until each listened and had read its records, the bare server until it listened. */
async function starts(): Promise<void> {
  const [bare, master, agent]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round <= ROUNDS; round++) {
    await using other = await Part.startBare();
    await using ours = await Part.start("master");
    await using theirs = await Part.start("agent", "--master", ours.url);
    // The first round fills the compile cache.
    if (round === 0) continue;
    bare.push(other.readyMs);
    master.push(ours.readyMs);
    agent.push(theirs.readyMs);
  }
  line("bare node:http process, ready", millis(median(bare)));
  line("P14 master, ready", millis(median(master)), "goal 400 ms");
  line("P14 agent, ready", millis(median(agent)), "goal 400 ms");
}

async function agent(): Promise<void> {
  await using bare = await Part.startBare();
  await using master = await Part.start("master");
  const resources = ["--resources", "cpus:100;mem:10000;disk:10000", "--hostname", "a", "--root-tasks"];
  await using agent = await Part.start("agent", "--master", master.url, ...resources);
  await settled();
  const idle = memoryOf(agent.pid, ...descendants(agent.pid));
  const peer = memoryOf(bare.pid);
  line(
    "bare node:http process",
    mebibytes(peer.private),
    `${mebibytes(peer.dirty)} dirty`,
    `RSS ${mebibytes(peer.rss)}`,
  );
  const [alone, dirty, rss] = [mebibytes(memoryOf(agent.pid).private), mebibytes(idle.dirty), mebibytes(idle.rss)];
  line(
    "P14 idle agent and launcher",
    mebibytes(idle.private),
    `${(idle.private / peer.private).toFixed(2)} × bare`,
    `${dirty} dirty`,
    `RSS ${rss}`,
    `without the launcher ${alone}`,
    "goal 1.5, 60 MiB",
  );
  await using _ = await runCommands(master);
  await settled();
  const busy = memoryOf(agent.pid, ...descendants(agent.pid));
  line(
    `P14 each of ${COMMANDS} commands`,
    mebibytes((busy.private - idle.private) / COMMANDS),
    "its process included",
    "goal 1.5 MiB; Mesos 13–15 MiB",
  );
}

/** Resolves when all run; they are killed at the end. */
async function runCommands(master: Part): Promise<AsyncDisposable> {
  const commands = new Commands(master.url, "a");
  const offer = await commands.offer();
  const [all, none] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let [running, ended] = [0, 0];
  const tasks = Array.from({ length: COMMANDS }, () =>
    commands.task(offer, "exec sleep 10000", ({ task_id, state, message }) => {
      if (state === "TASK_RUNNING" && ++running === COMMANDS) all.resolve();
      else if (state === "TASK_KILLED" && ++ended === COMMANDS) none.resolve();
      else if (state === "TASK_FAILED") all.reject(new Error(`${task_id.value}: ${message}`));
    }),
  );
  await commands.launch(offer, tasks);
  await all.promise;
  const end = async () => {
    for (const { task_id } of tasks) await commands.kill(task_id);
    await none.promise;
    await commands.end();
  };
  return { [Symbol.asyncDispose]: end };
}

/** In a process of its own: a master to which all agents come with tasks that run. */
async function bigMaster(agents: number, tasks: number): Promise<void> {
  await using master = await openMaster();
  const headers = { "content-type": "application/x-protobuf", accept: "application/x-protobuf" };
  const startMs = performance.now();
  for (let i = 0; i < agents; i++) {
    const body = encodeProtobuf("meseta.link.Call", registrationWithTasks(i, tasks / agents));
    const answered = ({ status, body }: { status: number; body?: unknown }) => {
      throw new Error(`an agent was answered ${status} ${body}`);
    };
    master.door.post("/api/v1/agent-link", body, headers, { answered });
    if (i % 500 === 499)
      while (master.loop.state.agents.size < i) await new Promise((resolve) => setImmediate(resolve));
  }
  const loadedMs = performance.now() - startMs;
  await settled();
  const { private: own, rss } = memoryOf(process.pid);
  line(
    `P14 master, ${agents} agents, ${tasks} tasks`,
    `${(rss / 1024 / 1024).toFixed(2)} GiB`,
    "RSS",
    `${(own / 1024 / 1024).toFixed(2)} GiB private`,
    `heap ${(process.memoryUsage().heapUsed / 2 ** 30).toFixed(2)} GiB`,
    `loaded in ${(loadedMs / 1000).toFixed(1)} s`,
    "goal 1.5 GiB",
  );
  process.exit(0);
}

function registrationWithTasks(i: number, count: number) {
  const subscribe = registrationOf(i);
  const id = { value: `4bd2b5f1-7f1a-4a7d-8f0c-52b0a9a0f6b6-S${i}` };
  subscribe.agent_info.id = id;
  const first = i * count;
  const tasks = Array.from({ length: count }, (_, k) => runningTask(first + k, id.value));
  return {
    link_version: 1,
    boot_id: `boot-${i}`,
    agent_id: id,
    type: "SUBSCRIBE" as const,
    subscribe: { ...subscribe, frameworks, tasks },
  };
}

const frameworks: FrameworkInfo[] = Array.from({ length: FRAMEWORKS }, (_, f) => ({
  user: "root",
  name: `framework-${f}`,
  id: { value: `4bd2b5f1-7f1a-4a7d-8f0c-52b0a9a0f6b6-000${f}` },
  roles: ["bench"],
  checkpoint: true,
  failover_timeout: 1e6,
  capabilities: [{ type: "MULTI_ROLE" }, { type: "RESERVATION_REFINEMENT" }],
}));

/** As a command that runs stands in its agent's report: two statuses, with the container's address. */
function runningTask(n: number, agentId: string): Task {
  const framework_id = frameworks[n % FRAMEWORKS]!.id!;
  const [task_id, agent_id] = [{ value: `task-${n}` }, { value: agentId }];
  const resources = bag({ cpus: 0.1, mem: 64 }).map((one) => ({ ...one, allocation_info: { role: "bench" } }));
  const info = { name: `task-${n}`, task_id, agent_id, resources };
  const statusOf = (state: "TASK_STARTING" | "TASK_RUNNING") =>
    updateMessage(framework_id, info, agentId, state).update!.status;
  const statuses = [statusOf("TASK_STARTING"), statusOf("TASK_RUNNING")];
  const { state, uuid } = statuses[1]!;
  statuses[1]!.container_status = statuses[0]!.container_status;
  return {
    ...info,
    framework_id,
    executor_id: task_id,
    state,
    statuses,
    status_update_state: state,
    status_update_uuid: uuid,
  };
}

function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
}

const numbers = process.argv.slice(process.argv[2] === "master" ? 3 : 2).map(Number);
const [agents = 50_000, tasks = 500_000] = numbers;
if (process.argv[2] === "master") await bigMaster(agents, tasks);
else await main(agents, tasks);
