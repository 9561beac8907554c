// The grid with which OpenStack's performance team measured Marathon: 1 to 16 apps × 50 to 500 instances, all apps of a cell at the same time: created, restarted, updated (another
// command) and deleted; each until all deployments are over. Master, init and 500 simulated agents in one process, both stores SQLite on a real disk. With `--real` instead the
// smallest cells on real processes: a master, an agent and an init as a user starts them, each instance a process.
// `node bench/init-grid.ts [--full | --real]`: without --full only the corners of the grid.
import { type Asked, askOf, openInitCluster } from "./load/init-cluster.ts";
import { Part } from "./load/processes.ts";
import { line } from "./measure/numbers.ts";

const AGENTS = 500;
const APPS = [1, 2, 4, 8, 16];
const INSTANCES = [50, 100, 500];
const REAL = [
  [1, 50],
  [4, 50],
] as const;
const STEPS = ["create", "restart", "update", "delete"] as const;

async function simulated(cells: readonly (readonly [number, number])[]): Promise<void> {
  await using cluster = await openInitCluster(AGENTS);
  for (const [apps, instances] of cells) await measure("simulated", cluster.ask, apps, instances);
}

async function real(): Promise<void> {
  await using master = await Part.start("master");
  const resources = "cpus:100;mem:100000;disk:100000";
  await using _agent = await Part.start("agent", "--master", master.url, "--resources", resources, "--root-tasks");
  await using init = await Part.start("init", "--master", master.url);
  const { ask, close } = askOf(init.url);
  for (const [apps, instances] of REAL) await measure("real processes", ask, apps, instances);
  close();
}

type Ask = (method: string, path: string, body?: unknown) => Promise<Asked>;

async function measure(where: string, ask: Ask, apps: number, instances: number): Promise<void> {
  const times: string[] = [];
  let slowest = Number.POSITIVE_INFINITY;
  for (const step of STEPS) {
    const startMs = performance.now();
    await Promise.all(Array.from({ length: apps }, (_, i) => STEP[step](ask, `/grid-${i}`, instances)));
    await settled(ask);
    const seconds = (performance.now() - startMs) / 1000;
    times.push(`${step} ${seconds.toFixed(2)} s`);
    slowest = Math.min(slowest, (apps * instances) / seconds);
  }
  line(`${apps} × ${instances}, ${where}`, `${Math.round(slowest)} /s at least`, times.join(", "));
}

const STEP: Readonly<Record<(typeof STEPS)[number], (ask: Ask, id: string, instances: number) => Promise<void>>> = {
  create: (ask, id, instances) => must(ask("POST", "/v2/apps", appOf(id, instances))),
  restart: (ask, id) => must(ask("POST", `/v2/apps/${id}/restart`)),
  update: (ask, id) => must(ask("PUT", `/v2/apps/${id}`, { cmd: "sleep 2000" })),
  delete: (ask, id) => must(ask("DELETE", `/v2/apps/${id}`)),
};

function appOf(id: string, instances: number) {
  return { id, cmd: "sleep 1000", cpus: 0.01, mem: 1, disk: 0, instances, portDefinitions: [] };
}

async function must(asked: Promise<Asked>): Promise<void> {
  const { status, text } = await asked;
  if (status >= 300) throw new Error(`${status} ${text}`);
}

async function settled(ask: Ask): Promise<void> {
  while ((await ask("GET", "/v2/deployments")).text !== "[]") await new Promise((resolve) => setTimeout(resolve, 10));
}

const all = APPS.flatMap((apps) => INSTANCES.map((instances) => [apps, instances] as const));
const corners = all.filter(
  ([apps, instances]) => (apps === 1 || apps === 16) && (instances === 50 || instances === 500),
);
if (process.argv.includes("--real")) await real();
else await simulated(process.argv.includes("--full") ? all : corners);
process.exit(0);
