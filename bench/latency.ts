// P8: from ACCEPT sent to TASK_RUNNING received, one task at a time, on a master and an agent as a user starts them. Beside each task, in the same run,
// what the start of a task cannot do without: a spawn, six loopback round trips, two durable writes. `node bench/latency.ts [TASKS [FLAGS OF THE AGENT …]]`
import type { Offer, TaskState } from "@meseta/api/mesos/generated/mesos.ts";
import { BareTask } from "./bare/one-task.ts";
import { Commands } from "./load/commands.ts";
import { Part } from "./load/processes.ts";
import { line, millis, quantile } from "./measure/numbers.ts";

const TASKS = Number(process.argv[2] ?? 300);
const WARM_UP = 50;

async function main(): Promise<void> {
  await using master = await Part.start("master");
  const flags = ["--resources", "cpus:100;mem:10000;disk:10000", ...process.argv.slice(3)];
  await using _ = await Part.start("agent", "--master", master.url, "--hostname", "a", "--root-tasks", ...flags);
  using bare = await BareTask.open();
  const commands = new Commands(master.url, "a");
  for (let i = 0; i < WARM_UP; i++) await launch(commands, await commands.offer());
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let i = 0; i < TASKS; i++) {
    theirs.push(await bare.run());
    ours.push(await launch(commands, await commands.offer()));
  }
  await commands.end();
  const show = (times: number[]) => `p99 ${millis(quantile(times, 0.99))}`;
  const p50 = quantile(ours, 0.5);
  line("bare: spawn, 6 trips, 2 syncs", millis(quantile(theirs, 0.5)), show(theirs));
  line(
    "P8 ACCEPT → TASK_RUNNING, p50",
    millis(p50),
    show(ours),
    `${(p50 / quantile(theirs, 0.5)).toFixed(2)} × bare`,
    "goal 8 ms, p99 30 ms, or 3 × bare; Mesos 121 ms",
  );
}

/** Milliseconds until the task was told to run. Resolves when it is over. */
async function launch(commands: Commands, offer: Offer): Promise<number> {
  let runningMs = 0;
  let startMs = 0;
  await new Promise<void>((resolve, reject) => {
    const heard = (state: TaskState) => {
      if (state === "TASK_RUNNING") runningMs = performance.now();
      else if (state === "TASK_FINISHED") resolve();
      else if (state !== "TASK_STARTING") reject(new Error(state));
    };
    const task = commands.task(offer, "true", ({ state }) => heard(state));
    startMs = performance.now();
    commands.launch(offer, [task]).catch(reject);
  });
  return runningMs - startMs;
}

await main();
