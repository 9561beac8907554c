// P10: 10,000 apps of one instance each through init: added one by one, each a POST /v2/apps, and all in one PUT /v2/apps; from the first request until every instance runs and
// no deployment does. Then one more app, with the 10,000 there. Master, init and 1,000 simulated agents in one process, both stores SQLite on a real disk.
// `node bench/init-apps.ts [--full] [APPS [AGENTS]]`
import { openInitCluster } from "./load/init-cluster.ts";
import { cpuMs, line, median, millis, rate } from "./measure/numbers.ts";

const CLIENTS = 8;

async function main(apps: number, agents: number): Promise<void> {
  await oneByOne(apps, agents);
  await inOnePut(apps, agents);
}

async function oneByOne(apps: number, agents: number): Promise<void> {
  await using cluster = await openInitCluster(agents);
  const tenths: number[] = [];
  let [next, refused] = [0, 0];
  const client = async () => {
    while (next < apps) await add(next++);
  };
  const spent = await timed(async () => {
    let usage = process.cpuUsage();
    const watching = (async () => {
      for (let tenth = 1; tenth <= 10; tenth++) {
        await cluster.acknowledgements(Math.floor((apps * tenth) / 10));
        tenths.push(cpuMs(usage));
        usage = process.cpuUsage();
      }
    })();
    await Promise.all([...Array.from({ length: CLIENTS }, client), watching]);
    await cluster.settled();
  });
  const flat = `last tenth ÷ first, by CPU ${(tenths[9]! / tenths[0]!).toFixed(2)}`;
  line(`${apps} apps, one by one`, shown(spent, apps), perApp(spent, apps), flat, `${refused} times 403`, GOAL);
  const more: number[] = [];
  for (let i = 0; i < 50; i++) more.push((await timed(() => add(apps + i))).cpuMs);
  line("one more", millis(median(more)), "of CPU");

  async function add(i: number): Promise<void> {
    for (;;) {
      const { status, text } = await cluster.ask("POST", "/v2/apps", appOf(i));
      if (status === 201) return;
      if (status !== 403) throw new Error(`${status} ${text}`);
      refused++;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function inOnePut(apps: number, agents: number): Promise<void> {
  await using cluster = await openInitCluster(agents);
  let answered = 0;
  const spent = await timed(async () => {
    const startMs = performance.now();
    const all = Array.from({ length: apps }, (_, i) => appOf(i));
    const { status, text } = await cluster.ask("PUT", "/v2/apps", all);
    if (status !== 200 && status !== 201) throw new Error(`${status} ${text}`);
    answered = performance.now() - startMs;
    await cluster.acknowledgements(apps);
    await cluster.settled();
  });
  const { commits, bytes } = cluster.stored;
  const stored = `${commits} commits of init's, ${(bytes / 1e6).toFixed(1)} MB`;
  line(
    `${apps} apps, one PUT`,
    shown(spent, apps),
    perApp(spent, apps),
    `answered in ${millis(answered)}`,
    stored,
    GOAL,
  );
}

const GOAL = "goal 90 s for 10,000: 111 /s";

interface Spent {
  readonly ms: number;
  readonly cpuMs: number;
}

async function timed(work: () => Promise<void>): Promise<Spent> {
  const [ms, usage] = [performance.now(), process.cpuUsage()];
  await work();
  return { ms: performance.now() - ms, cpuMs: cpuMs(usage) };
}

function shown({ ms }: Spent, apps: number): string {
  return `${(ms / 1000).toFixed(1)} s, ${rate((apps / ms) * 1000)}`;
}

function perApp({ cpuMs }: Spent, apps: number): string {
  return `${((cpuMs * 1000) / apps).toFixed(0)} µs of CPU an app`;
}

function appOf(i: number) {
  return { id: `/team-${i % 100}/app-${i}`, cmd: "sleep 1000", cpus: 0.1, mem: 32, portDefinitions: [] };
}

const isFull = process.argv.includes("--full");
const counts = process.argv
  .slice(2)
  .filter((word) => word !== "--full")
  .map(Number);
const [apps = isFull ? 10_000 : 2_000, agents = isFull ? 1_000 : 200] = counts;
await main(apps, agents);
process.exit(0);
