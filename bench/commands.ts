// P7: how many commands (`true`) a second one agent runs through the whole path: scheduler over HTTP, master, agent, launcher, all updates acknowledged,
// each process of its own as a user starts them. With process groups, and with cgroup limits where the machine allows them. Beside it the launcher alone,
// with nobody above it, and a bare loop of fork, exec and wait. `node bench/commands.ts [TASKS [ROUNDS [groups]]]`: "groups" leaves the limits out
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { LauncherLoop } from "./bare/launcher-loop.ts";
import { Commands } from "./load/commands.ts";
import { cpuMsOf, descendants, Part } from "./load/processes.ts";
import { cpuMs, line, median, rate } from "./measure/numbers.ts";

const TASKS = Number(process.argv[2] ?? 1_000);
const ROUNDS = Number(process.argv[3] ?? 5);
/** Tasks of one ACCEPT. */
const BATCH = 100;
const GROUPS_ONLY = process.argv[4] === "groups";
const forkLoopFile = join(import.meta.dirname, "bare/fork-loop.pl");

interface Result {
  perSecond: number;
  /** CPU time of each task, microseconds. */
  cpu: { scheduler: number; master: number; agent: number; launcher: number };
}

async function main(): Promise<void> {
  await using master = await Part.start("master");
  await using groups = await startAgent(master, "groups", "off");
  await using limited = await startAgent(master, "limited", "auto");
  await using bareGroups = await LauncherLoop.open("off");
  await using bareLimited = await LauncherLoop.open("auto");
  const [forks, peers] = [[] as number[], { groups: [] as number[], limited: [] as number[] }];
  const found = { groups: [] as Result[], limited: [] as Result[] };
  await runCommands(master, groups, "groups");
  if (!GROUPS_ONLY) await runCommands(master, limited, "limited");
  for (let round = 0; round < ROUNDS; round++) {
    forks.push(forkLoop());
    peers.groups.push(await bareGroups.run(TASKS));
    found.groups.push(await runCommands(master, groups, "groups"));
    if (GROUPS_ONLY) continue;
    peers.limited.push(await bareLimited.run(TASKS));
    found.limited.push(await runCommands(master, limited, "limited"));
  }
  line("bare loop of fork, exec, wait", rate(median(forks)));
  line("bare launcher, process groups", rate(median(peers.groups)));
  report("P7 commands, process groups", found.groups, median(peers.groups), 800);
  if (GROUPS_ONLY) return;
  line("bare launcher, cgroup limits", rate(median(peers.limited)));
  report("P7 commands, cgroup limits", found.limited, median(peers.limited), 500);
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
  const cpuOf = (name: keyof Result["cpu"]) => `${name} ${median(results.map(({ cpu }) => cpu[name])).toFixed(0)}`;
  const cpu = (["scheduler", "master", "agent", "launcher"] as const).map(cpuOf).join(", ");
  line(
    name,
    rate(perSecond),
    `${(perSecond / bare).toFixed(2)} × the bare launcher`,
    `µs of CPU a task: ${cpu}`,
    `goal ${goal} /s, 0.5; Mesos 10 /s`,
  );
}

/** From the first ACCEPT until every task was heard of as TASK_FINISHED. */
async function runCommands(master: Part, agent: Part, hostname: string): Promise<Result> {
  const commands = new Commands(master.url, hostname);
  const ended = Promise.withResolvers<void>();
  let [launched, finished] = [0, 0];
  let offer = await commands.offer();
  const before = cpuTimes(master, agent);
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
  const after = cpuTimes(master, agent);
  await commands.end();
  const spent = (name: keyof Result["cpu"]) => ((after[name] - before[name]) * 1000) / TASKS;
  const cpu = {
    scheduler: spent("scheduler"),
    master: spent("master"),
    agent: spent("agent"),
    launcher: spent("launcher"),
  };
  return { perSecond: TASKS / seconds, cpu };
}

/** Milliseconds so far; the launcher's with those of the tasks that it reaped. */
function cpuTimes(master: Part, agent: Part): Result["cpu"] {
  const launcher = descendants(agent.pid).reduce((sum, pid) => sum + cpuMsOf(pid), 0);
  return { scheduler: cpuMs(), master: cpuMsOf(master.pid), agent: cpuMsOf(agent.pid), launcher };
}

/** Starts a second. */
function forkLoop(): number {
  return Number(execFileSync("perl", [forkLoopFile, String(TASKS)], { encoding: "utf8" }).split(" ")[0]);
}

await main();
