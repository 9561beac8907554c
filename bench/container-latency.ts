// From ACCEPT sent to TASK_RUNNING received for one container in an image that is there, one at a time, on a master and an agent as a user starts them;
// beside each, in the same run, `crun run --detach` alone. Then what each of many idle containers takes beyond its task. Needs root, crun and
// busybox-static. `node bench/container-latency.ts [TIMES [CONTAINERS]]`
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Offer, TaskID, TaskInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { makeBundle } from "@meseta/drivers/launch/bundle.rig.ts";
import { boxImage } from "../test/box-image.ts";
import { Commands } from "./load/commands.ts";
import { descendants, Part } from "./load/processes.ts";
import { memoryOf } from "./measure/memory.ts";
import { line, median, millis, quantile } from "./measure/numbers.ts";

const TIMES = Number(process.argv[2] ?? 200);
const CONTAINERS = Number(process.argv[3] ?? 200);
const WARM_UP = 20;
/** After it, what the starts leave behind has been collected. */
const SETTLE_MS = 5_000;
const SLEEP = "exec sleep 100000";

async function main(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "meseta-bench-containers-"));
  try {
    const image = boxImage(join(dir, "image"));
    await using master = await Part.start("master");
    const flags = ["--resources", "cpus:100;mem:10000;disk:10000", "--hostname", "a", "--root-tasks"];
    await using agent = await Part.start("agent", "--master", master.url, ...flags);
    const commands = new Commands(master.url, "a");
    await latency(commands, image, dir);
    await memory(commands, image, agent.pid);
    await commands.end();
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function latency(commands: Commands, image: string, dir: string): Promise<void> {
  using bare = new BareRuns(dir);
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let i = -WARM_UP; i < TIMES; i++) {
    const bareMs = await bare.run(`bare${i + WARM_UP}`);
    const container = await start(commands, await commands.offer(), image);
    await container.end();
    if (i < 0) continue;
    theirs.push(bareMs);
    ours.push(container.ms);
  }
  const show = (times: number[]) => `p99 ${millis(quantile(times, 0.99))}`;
  line("bare: crun run --detach, p50", millis(median(theirs)), show(theirs));
  const ratio = `${(median(ours) / median(theirs)).toFixed(2)} × bare`;
  line("container ACCEPT → TASK_RUNNING, p50", millis(median(ours)), show(ours), ratio, "goal p99 80 ms");
}

/** The processes of the agent that are no task's, and what the whole machine has less of. */
async function memory(commands: Commands, image: string, agent: number): Promise<void> {
  await settled();
  const before = use(agent);
  const running: { end(): Promise<void> }[] = [];
  for (let i = 0; i < CONTAINERS; i++) running.push(await start(commands, await commands.offer(), image));
  await settled();
  const after = use(agent);
  const each = (pick: (one: Use) => number) => `${((pick(after) - pick(before)) / CONTAINERS).toFixed(0)} KiB`;
  const stay = `${after.processes - before.processes} processes more`;
  line(
    `each of ${CONTAINERS} idle containers`,
    each(({ ours }) => ours),
    "PSS beyond its task",
    stay,
    "goal 1.5 MiB",
  );
  line(
    "the same, private",
    each((one) => one.private),
  );
  line(
    "its task",
    each(({ tasks }) => tasks),
    "PSS",
  );
  // Neighbours change these two as well.
  line(
    "the kernel's",
    each(({ kernel }) => kernel),
    "slab, stacks, page tables, per cpu, of the whole machine",
  );
  line(
    "less MemAvailable",
    each(({ taken }) => taken),
    "of the whole machine, all together",
  );
  for (const container of running) await container.end();
}

/** KiB; processes that are no task's. */
interface Use {
  readonly processes: number;
  readonly ours: number;
  readonly private: number;
  readonly tasks: number;
  readonly kernel: number;
  readonly taken: number;
}

function use(agent: number): Use {
  const all = [agent, ...descendants(agent)];
  // All tasks are busybox, and nothing else here is.
  const isTask = (pid: number) => basename(readlinkSync(`/proc/${pid}/exe`)) === "busybox";
  const meminfo = readFileSync("/proc/meminfo", "utf8");
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(meminfo)?.[1] ?? 0);
  const others = all.filter((pid) => !isTask(pid));
  const { pss, private: own } = memoryOf(...others);
  return {
    processes: others.length,
    ours: pss,
    private: own,
    tasks: memoryOf(...all.filter(isTask)).pss,
    kernel: field("Slab") + field("KernelStack") + field("PageTables") + field("Percpu"),
    taken: -field("MemAvailable"),
  };
}

/** Resolves when it was told to run, with the milliseconds since the ACCEPT. */
async function start(commands: Commands, offer: Offer, image: string): Promise<{ ms: number; end(): Promise<void> }> {
  const [running, ended] = [Promise.withResolvers<number>(), Promise.withResolvers<void>()];
  const task: TaskInfo = commands.task(offer, SLEEP, ({ state, message }) => {
    if (state === "TASK_RUNNING") running.resolve(performance.now());
    else if (state === "TASK_KILLED") ended.resolve();
    else if (state !== "TASK_STARTING") running.reject(new Error(`${state}: ${message}`));
  });
  const container = { type: "MESOS", mesos: { image: { type: "DOCKER", docker: { name: image } } } } as const;
  const startMs = performance.now();
  await commands.launch(offer, [{ ...task, container }]);
  const ms = (await running.promise) - startMs;
  return { ms, end: () => kill(commands, task.task_id, ended.promise) };
}

async function kill(commands: Commands, task: TaskID, ended: Promise<void>): Promise<void> {
  await commands.kill(task);
  await ended;
}

/** A shell that runs crun for each word it reads. On machines with cgroups of both versions crun must not see the second. */
class BareRuns implements Disposable {
  readonly #shell: ChildProcess;

  constructor(dir: string) {
    makeBundle(join(dir, "bundle"), { args: ["sleep", "100000"] });
    const crun = `crun --root ${dir}/crun --cgroup-manager=disabled`;
    const script = `umount /sys/fs/cgroup/unified 2>/dev/null
      while read -r id; do
        ${crun} run --detach -b ${dir}/bundle "$id" </dev/null >/dev/null && echo up
        ${crun} delete --force "$id" && echo down
      done`;
    this.#shell = spawn("unshare", ["--mount", "sh", "-c", script], { stdio: ["pipe", "pipe", "inherit"] });
  }

  /** Milliseconds until it was up. Resolves when it is gone. */
  async run(id: string): Promise<number> {
    const startMs = performance.now();
    this.#shell.stdin!.write(`${id}\n`);
    let [said, upMs] = ["", Number.NaN];
    while (!said.includes("down")) {
      said += String((await once(this.#shell.stdout!, "data"))[0]);
      if (Number.isNaN(upMs) && said.includes("up")) upMs = performance.now() - startMs;
    }
    if (Number.isNaN(upMs)) throw new Error("crun runs no container here");
    return upMs;
  }

  [Symbol.dispose](): void {
    this.#shell.stdin!.end();
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
}

await main();
