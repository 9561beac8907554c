// P10: what reading costs with 10,000 apps of one running instance each: GET /v2/apps?embed=apps.tasks first (nothing is encoded yet) and again, alone and while statuses come in
// (each round some apps are restarted by other clients), against JSON.stringify of the same object; GET of one app while the same goes on; and /v2/groups, which load
// balancers read. Over loopback HTTP; the client is a thread of its own, and CPU time is that of the main thread. `node bench/init-reads.ts [--full] [APPS [AGENTS]]`
import { type InitCluster, openInitCluster } from "./load/init-cluster.ts";
import { type Read, ReadingThread } from "./load/reading-thread.ts";
import { line, median, millis, quantile } from "./measure/numbers.ts";

const LIST = "/v2/apps?embed=apps.tasks";
const ROUNDS = 9;
const ONES = 2_000;
/** How many apps a second are restarted, each of which sends two statuses. */
const RESTARTS_A_SECOND = 50;

async function main(apps: number, agents: number): Promise<void> {
  await using cluster = await openInitCluster(agents);
  const all = Array.from({ length: apps }, (_, i) => appOf(i));
  const { status, text } = await cluster.ask("PUT", "/v2/apps", all);
  if (status !== 200 && status !== 201) throw new Error(`${status} ${text}`);
  await cluster.acknowledgements(apps);
  await cluster.settled();
  const client = new ReadingThread(cluster.init.url);
  await client.read("/ping");
  const cold = await measured(() => client.read(LIST));
  const warm = await repeat(() => client.read(LIST));
  const list = JSON.parse((await cluster.ask("GET", LIST)).text);
  const plain = await repeat(async () => stringified(list));
  const show = (name: string, of: Measured, goal = "") =>
    line(
      name,
      millis(of.ms),
      `CPU ${millis(of.cpuMs)}, ${(of.cpuMs / plain.cpuMs).toFixed(2)} × JSON.stringify`,
      `${(of.bytes / 1e6).toFixed(1)} MB`,
      goal,
    );
  show("JSON.stringify of the list", plain);
  show(`${apps} apps with tasks, cold`, cold, "goal 250 ms");
  show("again", warm, "goal 250 ms");
  show(
    "/v2/groups with apps and tasks",
    await repeat(() => client.read("/v2/groups?embed=group.groups&embed=group.apps&embed=group.apps.tasks")),
  );
  const one = () => client.read(...Array.from({ length: ONES }, (_, i) => `/v2/apps/${appOf((i * 7) % apps).id}`));
  const quiet = (await one()).map(({ ms }) => ms);
  line("one app, quiet", millis(median(quiet)), `p99 ${millis(quantile(quiet, 0.99))}`);
  const churn = restarting(cluster, apps);
  show("list while statuses come in", await repeat(() => client.read(LIST)), "goal 250 ms");
  const busy = (await one()).map(({ ms }) => ms);
  line("one app while statuses come in", millis(median(busy)), `p99 ${millis(quantile(busy, 0.99))}`);
  line("restarted meanwhile", String(await churn.end()));
  process.exit(0);
}

interface Measured {
  readonly ms: number;
  /** Of the main thread, which serves. */
  readonly cpuMs: number;
  readonly bytes: number;
}

async function measured(work: () => Promise<Read[]>): Promise<Measured> {
  const before = process.threadCpuUsage();
  const [read] = await work();
  const { user, system } = process.threadCpuUsage(before);
  if (read!.status !== 200) throw new Error(`a reading was answered ${read!.status}`);
  return { ms: read!.ms, bytes: read!.bytes, cpuMs: (user + system) / 1000 };
}

/** The middle round by CPU time, and the middle time of all rounds. */
async function repeat(work: () => Promise<Read[]>): Promise<Measured> {
  const rounds: Measured[] = [];
  for (let i = 0; i < ROUNDS; i++) rounds.push(await measured(work));
  return {
    ms: median(rounds.map(({ ms }) => ms)),
    cpuMs: median(rounds.map(({ cpuMs }) => cpuMs)),
    bytes: rounds[0]!.bytes,
  };
}

function stringified(object: unknown): Read[] {
  const startMs = performance.now();
  const bytes = JSON.stringify(object).length;
  return [{ status: 200, ms: performance.now() - startMs, bytes }];
}

/** Restarts one app after the other; tells at its end how many. */
function restarting(cluster: InitCluster, apps: number): { end(): Promise<number> } {
  let count = 0;
  let failure: Error | undefined;
  const timer = setInterval(async () => {
    const { status, text } = await cluster.ask("POST", `/v2/apps/${appOf((count++ * 13) % apps).id}/restart`);
    if (status !== 200 && status !== 409) failure = new Error(`${status} ${text}`);
  }, 1000 / RESTARTS_A_SECOND);
  return {
    end: async () => {
      clearInterval(timer);
      await cluster.settled();
      if (failure !== undefined) throw failure;
      return count;
    },
  };
}

function appOf(i: number) {
  return {
    id: `/team-${i % 100}/app-${i}`,
    cmd: "sleep 1000",
    cpus: 0.1,
    mem: 32,
    portDefinitions: [],
    labels: { team: `t-${i % 100}` },
  };
}

const isFull = process.argv.includes("--full");
const counts = process.argv
  .slice(2)
  .filter((word) => word !== "--full")
  .map(Number);
const [apps = isFull ? 10_000 : 2_000, agents = isFull ? 1_000 : 200] = counts;
await main(apps, agents);
