// How many processes a second an agent starts through its launcher, from order to stored exit, against bare loops of fork, exec and wait in the
// same run: perl's (what the launcher is made of), dash's (the other candidate), and perl's with a cgroup in each hierarchy for each
// process. CPU time counts all processes that take part; on a busy machine it is the steadier number. `node bench/launcher.ts [TASKS]`
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LaunchedContainers } from "@meseta/drivers/container/containers.ts";
import type { ContainerEvent, ContainerSpec } from "@meseta/kernel/core/agent/ports.ts";
import { cpuMs, line, median, rate } from "./measure/numbers.ts";

const TASKS = Number(process.argv[2] ?? 2_000);
const UNDER_WAY = 64;
const ROUNDS = 3;
const TICKS_PER_SECOND = 100;
const forkLoop = join(import.meta.dirname, "bare/fork-loop.pl");
const dashLoop = "i=0; while [ $i -lt $0 ]; do /bin/true & i=$((i+1)); [ $((i % 16)) -ne 0 ] || wait; done; wait";

interface Result {
  readonly perSecond: number;
  readonly cpuUs: number;
}

export default async function launcher(): Promise<void> {
  await using groups = await Agent.start("none");
  await using limited = await Agent.start("cgroups");
  const mounts = mountsOf(limited.containers);
  const found = await inTurns({
    perl: () => perlLoop([]),
    dash: () => dash(),
    groups: () => groups.run(UNDER_WAY, TASKS),
    perlLimited: () => (mounts.length > 0 ? perlLoop(mounts.map((mount) => `${mount}/meseta-bench`)) : undefined),
    limited: () => (mounts.length > 0 ? limited.run(UNDER_WAY, TASKS) : undefined),
    alone: () => groups.run(1, Math.ceil(TASKS / 10)),
  });
  report("bare perl loop", found.perl);
  report("bare dash loop", found.dash, found.perl);
  report("launcher, process groups", found.groups, found.perl);
  report(`bare perl loop, ${mounts.length} cgroups each`, found.perlLimited);
  report(`launcher, ${mounts.length} cgroups each`, found.limited, found.perlLimited);
  report("launcher, one at a time", found.alone);
}

/** Round by round, so that a busy neighbour bothers all alike. */
async function inTurns<K extends string>(
  ways: Record<K, () => Result | undefined | Promise<Result | undefined>>,
): Promise<Record<K, Result | undefined>> {
  const found = new Map<string, Result[]>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const name in ways) {
      const result = await ways[name]();
      if (result) found.set(name, [...(found.get(name) ?? []), result]);
    }
  }
  const middles = [...found].map(([name, results]) => {
    const perSecond = median(results.map((one) => one.perSecond));
    return [name, { perSecond, cpuUs: median(results.map((one) => one.cpuUs)) }];
  });
  return Object.fromEntries(middles);
}

function perlLoop(parents: string[]): Result {
  const words = execFileSync("perl", [forkLoop, String(TASKS), ...parents], { encoding: "utf8" }).split(" ");
  return { perSecond: Number(words[0]), cpuUs: Number(words[1]) };
}

function dash(): Result {
  const startMs = performance.now();
  const times = execFileSync("sh", ["-c", `${dashLoop}; times`, String(TASKS)], { encoding: "utf8" });
  const perSecond = (TASKS * 1000) / (performance.now() - startMs);
  const seconds = [...times.matchAll(/(\d+)m([\d.]+)s/g)].map(([, m, s]) => Number(m) * 60 + Number(s));
  return { perSecond, cpuUs: (seconds.reduce((sum, one) => sum + one, 0) * 1e6) / TASKS };
}

function mountsOf({ cgroups }: LaunchedContainers): string[] {
  if (!cgroups) return [];
  const { cpu, cpuacct, memory, kill } = cgroups.layout;
  return [...new Set([cpu, cpuacct, memory, kill].flatMap((one) => one?.mount ?? []))];
}

function report(name: string, result: Result | undefined, bare?: Result): void {
  if (!result) return;
  const beside = [`${result.cpuUs.toFixed(0)} µs of CPU each`];
  if (bare) beside.push(`${(result.perSecond / bare.perSecond).toFixed(2)} × the bare loop's rate`);
  line(name, rate(result.perSecond), ...beside);
}

/** The driver as an agent uses it: each exit is forgotten when it is told. */
class Agent implements AsyncDisposable {
  readonly containers: LaunchedContainers;
  readonly #dir: string;
  #on: (event: ContainerEvent) => void = () => {};
  #next = 0;

  static async start(cgroups: "none" | "cgroups"): Promise<Agent> {
    const dir = mkdtempSync(join(tmpdir(), "meseta-bench-"));
    let hear = (_: ContainerEvent) => {};
    const options = { dir: join(dir, "launcher"), on: (event: ContainerEvent) => hear(event) };
    const containers = await LaunchedContainers.open(cgroups === "none" ? { ...options, cgroups } : options);
    const agent = new Agent(dir, containers);
    hear = (event) => agent.#on(event);
    return agent;
  }

  constructor(dir: string, containers: LaunchedContainers) {
    this.#dir = dir;
    this.containers = containers;
  }

  async run(underWay: number, tasks: number): Promise<Result> {
    const cpuBefore = this.#cpuUs();
    const startMs = performance.now();
    await new Promise<void>((resolve, reject) => {
      let [started, ended] = [0, 0];
      const launch = () => {
        if (started++ < tasks) this.containers.launch(this.#spec());
      };
      this.#on = (event) => {
        if (event.type === "launch_failed") reject(new Error(event.message));
        if (event.type !== "exited") return;
        this.containers.forget(event.id);
        if (++ended === tasks) resolve();
        launch();
      };
      for (let i = 0; i < underWay; i++) launch();
    });
    const perSecond = (tasks * 1000) / (performance.now() - startMs);
    return { perSecond, cpuUs: (this.#cpuUs() - cpuBefore) / tasks };
  }

  // The launcher with all children that it reaped, its spawner, and this process.
  #cpuUs(): number {
    const pid = this.containers.launcherPid;
    const spawner = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ")[0]);
    return (ticksOf(pid, 4) + ticksOf(spawner, 2)) * (1e6 / TICKS_PER_SECOND) + cpuMs() * 1000;
  }

  #spec(): ContainerSpec {
    const environment = { PATH: "/usr/bin:/bin", MESOS_SANDBOX: this.#dir, MESOS_FRAMEWORK_ID: "0".repeat(41) };
    return {
      id: `t${this.#next++}`,
      command: { file: "/bin/true", argv: ["true"] },
      environment,
      workingDirectory: this.#dir,
      stdout: join(this.#dir, "stdout"),
      stderr: join(this.#dir, "stderr"),
      limits: { cpus: 0.1, memoryBytes: 32 << 20 },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.containers.stop();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

/** User and system time of a process, and with 4 fields those of its reaped children. */
function ticksOf(pid: number, fields: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ").map(Number) ?? [];
  return stat.slice(11, 11 + fields).reduce((sum, one) => sum + one, 0);
}

if (import.meta.main) await launcher();
