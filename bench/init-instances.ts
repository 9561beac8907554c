// P10: one app × 100,000 instances: from the PUT until the last agent has its TASK_RUNNING acknowledged; then scaled down to nothing. Master, init and 1,000 simulated
// agents in one process, both stores SQLite on a real disk. `node bench/init-instances.ts [--full] [INSTANCES [AGENTS]]`
import { openInitCluster } from "./load/init-cluster.ts";
import { cpuMs, line, mebibytes, rate } from "./measure/numbers.ts";

async function main(instances: number, agents: number): Promise<void> {
  await using cluster = await openInitCluster(agents);
  const app = { id: "/one", cmd: "sleep 1000", cpus: 0.1, mem: 32, portDefinitions: [] };
  const put = async (count: number) => {
    const { status, text } = await cluster.ask("PUT", "/v2/apps//one?force=true", { ...app, instances: count });
    if (status !== 200 && status !== 201) throw new Error(`${status} ${text}`);
  };
  const spend = async (name: string, count: number, updates: number, goal: string) => {
    const [startMs, usage] = [performance.now(), process.cpuUsage()];
    const before = cluster.stored.bytes;
    await put(count);
    await cluster.acknowledgements(updates);
    await cluster.settled();
    const ms = performance.now() - startMs;
    const cpu = `${((cpuMs(usage) * 1000) / instances).toFixed(0)} µs of CPU each`;
    const stored = `${Math.round((cluster.stored.bytes - before) / instances)} bytes stored each`;
    const rss = `RSS ${mebibytes(process.memoryUsage.rss() / 1024)}`;
    line(name, `${(ms / 1000).toFixed(1)} s`, rate((instances / ms) * 1000), cpu, stored, rss, goal);
  };
  await spend(`one app × ${instances}`, instances, instances, "goal 60 s for 100,000: 1,667 /s");
  await spend("scaled to nothing", 0, 2 * instances, "");
}

const isFull = process.argv.includes("--full");
const counts = process.argv
  .slice(2)
  .filter((word) => word !== "--full")
  .map(Number);
const [instances = isFull ? 100_000 : 20_000, agents = isFull ? 1_000 : 500] = counts;
await main(instances, agents);
process.exit(0);
