// P4: so many jobs of so many instances each through init, as C1M had 1,000 × 1,000 on 5,000 hosts: each job is one POST /v2/apps, and whoever is told that too many
// deployments run comes again. Master, init and 5,000 simulated agents in one process, both stores SQLite on a real disk. From the first POST until the last
// agent has its TASK_RUNNING acknowledged. Printed for each tenth, so that it shows whether it gets slower.
// `node bench/init-jobs.ts [--full] [JOBS [INSTANCES [AGENTS]]]`; a full one needs 8 GB.
import { openInitCluster } from "./load/init-cluster.ts";
import { cpuMs, line, mebibytes, rate } from "./measure/numbers.ts";
import { inRoom } from "./measure/roomy.ts";

const CLIENTS = 8;

async function main(jobs: number, instances: number, agents: number): Promise<void> {
  await using cluster = await openInitCluster(agents);
  const total = jobs * instances;
  const begin = { ms: performance.now(), usage: process.cpuUsage() };
  const tenths: { ms: number; cpuMs: number }[] = [];
  const watching = watch();
  let next = 0;
  const client = async () => {
    while (next < jobs) await submit(next++);
  };
  await Promise.all([...Array.from({ length: CLIENTS }, client), watching]);
  await cluster.settled();
  const spent = { ms: performance.now() - begin.ms, cpuMs: cpuMs(begin.usage) };
  for (const [i, { ms, cpuMs }] of tenths.entries())
    line(
      `tenth ${i + 1}`,
      rate((total / 10 / ms) * 1000),
      `${((cpuMs * 1000) / (total / 10)).toFixed(0)} µs of CPU each`,
    );
  const flat = (of: "ms" | "cpuMs") => `${(tenths[0]![of] / tenths[9]![of]).toFixed(2)}`;
  line(
    `P4 ${jobs} × ${instances}, ${agents} agents`,
    rate((total / spent.ms) * 1000),
    `${(spent.ms / 1000).toFixed(1)} s`,
    `${((spent.cpuMs * 1000) / total).toFixed(0)} µs of CPU each`,
    `last tenth ÷ first ${flat("ms")}, by CPU ${flat("cpuMs")}`,
    `RSS ${mebibytes(process.memoryUsage.rss() / 1024)}`,
    "goal 7,500 /s, 0.9, 6 GiB",
  );

  async function submit(job: number): Promise<void> {
    const app = { id: `/c1m/job-${job}`, cmd: "sleep 1000", cpus: 0.1, mem: 32, instances, portDefinitions: [] };
    for (;;) {
      const { status, text } = await cluster.ask("POST", "/v2/apps", app);
      if (status === 201) return;
      if (status !== 403) throw new Error(`${status} ${text}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async function watch(): Promise<void> {
    let last = begin;
    for (let tenth = 1; tenth <= 10; tenth++) {
      await cluster.acknowledgements(Math.floor((total * tenth) / 10));
      tenths.push({ ms: performance.now() - last.ms, cpuMs: cpuMs(last.usage) });
      last = { ms: performance.now(), usage: process.cpuUsage() };
    }
  }
}

const isFull = process.argv.includes("--full");
const counts = process.argv
  .slice(2)
  .filter((word) => word !== "--full")
  .map(Number);
const [jobs = isFull ? 1_000 : 100, instances = isFull ? 1_000 : 500, agents = isFull ? 5_000 : 1_000] = counts;
await inRoom(7000, () => main(jobs, instances, agents));
