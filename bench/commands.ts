// P7: how many commands (`true`) a second one agent runs through the whole path: scheduler over HTTP, master, agent, launcher, all updates acknowledged,
// each process of its own as a user starts them. With process groups, and with cgroup limits where the machine allows them. Beside it the bare loop of
// fork, exec and wait that the launcher is measured against. `node bench/commands.ts [TASKS [ROUNDS]]`
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { Commands } from "./load/commands.ts";
import { cpuMsOf, Part } from "./load/processes.ts";
import { line, median, rate } from "./measure/numbers.ts";

const TASKS = Number(process.argv[2] ?? 1_000);
const ROUNDS = Number(process.argv[3] ?? 5);
/** Tasks of one ACCEPT. */
const BATCH = 100;
const forkLoop = join(import.meta.dirname, "bare/fork-loop.pl");

interface Result {
  perSecond: number;
  agentCpuUs: number;
}

async function main(): Promise<void> {
  await using master = await Part.start("master");
  await using groups = await startAgent(master, "groups", "off");
  await using limited = await startAgent(master, "limited", "auto");
  const bare: number[] = [];
  const found = { groups: [] as Result[], limited: [] as Result[] };
  await runCommands(master, groups, "groups");
  await runCommands(master, limited, "limited");
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(bareLoop());
    found.groups.push(await runCommands(master, groups, "groups"));
    found.limited.push(await runCommands(master, limited, "limited"));
  }
  line("bare loop of fork, exec, wait", rate(median(bare)));
  report("P7 commands, process groups", found.groups, median(bare), 800);
  report("P7 commands, cgroup limits", found.limited, median(bare), 500);
}

function startAgent(master: Part, hostname: string, cgroups: string): Promise<Part> {
  const resources = "cpus:1000;mem:1000000;disk:100000";
  return Part.start(
    "agent",
    "--master",
    master.url,
    "--hostname",
    hostname,
    "--resources",
    resources,
    "--cgroups",
    cgroups,
    "--root-tasks",
  );
}

function report(name: string, results: Result[], bare: number, goal: number): void {
  const perSecond = median(results.map((one) => one.perSecond));
  const cpu = median(results.map((one) => one.agentCpuUs)).toFixed(0);
  line(
    name,
    rate(perSecond),
    `${(perSecond / bare).toFixed(2)} × the bare loop`,
    `${cpu} µs of the agent's CPU a task`,
    `goal ${goal} /s, 0.5; Mesos 10 /s`,
  );
}

/** From the first ACCEPT until every task was heard of as TASK_FINISHED. */
async function runCommands(master: Part, agent: Part, hostname: string): Promise<Result> {
  const commands = new Commands(master.url, hostname);
  const ended = Promise.withResolvers<void>();
  let [launched, finished] = [0, 0];
  let offer = await commands.offer();
  const cpuBefore = cpuMsOf(agent.pid);
  const startMs = performance.now();
  while (launched < TASKS) {
    const count = Math.min(BATCH, TASKS - launched);
    launched += count;
    const tasks = Array.from({ length: count }, () =>
      commands.task(offer, "true", ({ state, message }) => {
        if (state === "TASK_FINISHED") finished++;
        else if (state !== "TASK_STARTING" && state !== "TASK_RUNNING") ended.reject(new Error(`${state}: ${message}`));
        if (finished === TASKS) ended.resolve();
      }),
    );
    await commands.launch(offer, tasks);
    if (launched < TASKS) offer = await commands.offer();
  }
  await ended.promise;
  const seconds = (performance.now() - startMs) / 1000;
  const agentCpuUs = ((cpuMsOf(agent.pid) - cpuBefore) * 1000) / TASKS;
  await commands.end();
  return { perSecond: TASKS / seconds, agentCpuUs };
}

/** Starts a second. */
function bareLoop(): number {
  return Number(execFileSync("perl", [forkLoop, String(TASKS)], { encoding: "utf8" }).split(" ")[0]);
}

await main();
