// P7: containers with a root of layers up on one agent's driver and down again, beside `crun run -d`, two at a time, in the same run; and the
// time from an exec to its first byte. CPU is told apart: the runtimes and all that the launcher starts, the launcher, and the agent's own.
// Needs root, crun and busybox-static. `node bench/containers.ts [CONTAINERS]`
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  watch,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LaunchedContainers } from "@meseta/drivers/container/containers.ts";
import { OciKind } from "@meseta/drivers/container/oci/kind.ts";
import { machineFacts } from "@meseta/drivers/container/oci/machine.ts";
import { PidGroups } from "@meseta/drivers/container/oci/pid-groups.ts";
import type { Images, Networks, ReadyImage } from "@meseta/drivers/container/oci/ports.ts";
import { findRuntime } from "@meseta/drivers/container/oci/runtime.ts";
import type { ContainerEvent, ContainerSpec } from "@meseta/kernel/core/agent/ports.ts";
import { MemoryFolder } from "@meseta/lib/io/memory-folder.ts";
import { cpuMs, line, median, millis, quantile, rate } from "./measure/numbers.ts";

const CONTAINERS = Number(process.argv[2] ?? 1_000);
const EXECS = 50;
const TICK_MS = 10;
const reaper = join(import.meta.dirname, "bare/reaper.pl");
const crunLoop = join(import.meta.dirname, "bare/crun-loop.sh");

interface Times {
  readonly upMs: number;
  readonly downMs: number;
  /** CPU milliseconds of the runtimes and what they left, up and down. */
  readonly runtimeMs: number;
}

async function main(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "meseta-bench-"));
  try {
    makeLayer(join(dir, "layer"));
    await using agent = await Agent.start(dir);
    await agent.run(20);
    const ours = await agent.run(CONTAINERS);
    const theirs = bare(dir, agent.config(), CONTAINERS);
    report("crun run -d, two at a time", theirs);
    report("our driver", ours, theirs);
    line("the launcher's own CPU", millis(ours.launcherMs / CONTAINERS), "each, up and down");
    line("the agent's own CPU", millis(ours.agentMs / CONTAINERS), "each, up and down", "goal 3 ms");
    const execs = await agent.execs(EXECS);
    line("exec to its first byte, p50", millis(median(execs)), `p99 ${millis(quantile(execs, 0.99))}`, "goal 40 ms");
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function report(name: string, times: Times, beside?: Times): void {
  const up = (CONTAINERS * 1000) / times.upMs;
  const cpu = `${(times.runtimeMs / CONTAINERS).toFixed(2)} ms of CPU each in runtimes`;
  const against = beside
    ? [
        `${(beside.upMs / times.upMs).toFixed(2)} × its rate`,
        `${(times.runtimeMs / beside.runtimeMs).toFixed(2)} × its CPU`,
      ]
    : [];
  line(`${name}, up`, rate(up), cpu, ...against);
  line(`${name}, down`, rate((CONTAINERS * 1000) / times.downMs));
}

function bare(dir: string, config: object, count: number): Times {
  const room = join(dir, "bare");
  mkdirSync(room);
  const file = join(dir, "config.json");
  writeFileSync(file, JSON.stringify(config));
  const loop = ["sh", crunLoop, String(count), room, join(dir, "layer"), file];
  const said = execFileSync("perl", [reaper, "unshare", "--mount", "--propagation", "slave", ...loop], {
    encoding: "utf8",
  });
  const [upMs = 0, downMs = 0, beforeMs = 0, allMs = 0] = said.trim().split(/\s+/).map(Number);
  return { upMs, downMs, runtimeMs: allMs - beforeMs };
}

/** The driver as an agent uses it, with a folder as every image. */
class Agent implements AsyncDisposable {
  readonly #dir: string;
  readonly #containers: LaunchedContainers;
  #on: (event: ContainerEvent) => void = () => {};
  #next = 0;
  #config: object = {};

  static async start(dir: string): Promise<Agent> {
    const runtime = await findRuntime("crun", join(dir, "probe"));
    if (typeof runtime === "string") throw new Error(runtime);
    let hear = (_: ContainerEvent) => {};
    const containers = await LaunchedContainers.open({
      dir: join(dir, "launcher"),
      on: (event) => hear(event),
      kinds: async ({ launcher, cgroups }) => [
        new OciKind({
          dir,
          runtime,
          images: folderImages(join(dir, "layer")),
          networks: noNetworks,
          pidGroups: new PidGroups(launcher, join(dir, "pids")),
          machine: machineFacts("crun", cgroups),
          userNamespaces: { mode: "root", range: { first: 100_000, count: 65_536 } },
          backend: "overlay",
        }),
      ],
    });
    const agent = new Agent(dir, containers);
    hear = (event) => agent.#on(event);
    return agent;
  }

  private constructor(dir: string, containers: LaunchedContainers) {
    this.#dir = dir;
    this.#containers = containers;
    mkdirSync(join(dir, "sandbox"));
  }

  /** Up with all of them, then down. */
  async run(count: number): Promise<Times & { launcherMs: number; agentMs: number }> {
    const ids = Array.from({ length: count }, () => `c${this.#next++}`);
    const [cpuBefore, before, startMs] = [cpuMs(), this.#launcherMs(), performance.now()];
    await this.#all("started", ids, (id) => this.#containers.launch(this.#spec(id)));
    const upMs = performance.now() - startMs;
    this.#config = JSON.parse(
      readFileSync(new MemoryFolder(this.#dir).path("runtime", ids[0]!, "config.json"), "utf8"),
    ) as object;
    const downMs = performance.now();
    await this.#all("exited", ids, (id) => this.#containers.destroy(id));
    const after = this.#launcherMs();
    return {
      upMs,
      downMs: performance.now() - downMs,
      runtimeMs: after.children - before.children,
      launcherMs: after.own - before.own,
      agentMs: cpuMs() - cpuBefore,
    };
  }

  /** The config.json of such a container, for a bundle of somebody else. */
  config(): object {
    // A filter that is compiled already is our own way of being fast.
    const { annotations: _, ...config } = this.#config as { annotations?: object };
    return { ...config, root: { path: "rootfs" } };
  }

  /** Milliseconds from order to first byte, one at a time, in one container. */
  async execs(count: number): Promise<number[]> {
    await this.#all("started", ["main"], (id) => this.#containers.launch(this.#spec(id)));
    const times: number[] = [];
    for (let i = 0; i < count; i++) times.push(await this.#exec(`exec-${i}`));
    await this.#all("exited", ["main"], (id) => this.#containers.destroy(id));
    return times;
  }

  async #exec(id: string): Promise<number> {
    const stdout = join(this.#dir, id);
    writeFileSync(stdout, "");
    const { isolation: _, ...plain } = this.#spec(id);
    const spec = { ...plain, inside: "main", command: { file: "/bin/echo", argv: ["echo", "x"] }, stdout };
    const startMs = performance.now();
    const first = new Promise<number>((resolve) => {
      const watcher = watch(stdout, () => {
        if (statSync(stdout).size === 0) return;
        watcher.close();
        resolve(performance.now() - startMs);
      });
    });
    await this.#all("exited", [id], () => this.#containers.launch(spec));
    return first;
  }

  #all(type: "started" | "exited", ids: readonly string[], order: (id: string) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      let left = ids.length;
      this.#on = (event) => {
        if (event.type === "launch_failed") reject(new Error(event.message));
        if (event.type === "exited") this.#containers.forget(event.id);
        if (event.type === type && --left === 0) resolve();
      };
      for (const id of ids) order(id);
    });
  }

  #spec(id: string): ContainerSpec {
    const output = join(this.#dir, "sandbox", "stdout");
    return {
      id,
      command: { file: "/bin/sleep", argv: ["sleep", "100000"] },
      environment: {},
      workingDirectory: "/sandbox",
      stdout: output,
      stderr: output,
      limits: { cpus: 0.01, memoryBytes: 32 << 20 },
      isolation: {
        image: { name: "busybox", cached: true },
        sandbox: { host: join(this.#dir, "sandbox"), inside: "/sandbox" },
        mounts: [],
        network: { kind: "host" },
        rootAllowed: true,
        pidNamespace: "own",
      },
    };
  }

  // CPU of the launcher with its spawner, and of all children that it has reaped.
  #launcherMs(): { own: number; children: number } {
    const pid = this.#containers.launcherPid;
    const spawner = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ")[0];
    const ticks = (of: number | string | undefined) =>
      readFileSync(`/proc/${of}/stat`, "utf8").split(") ")[1]!.split(" ").map(Number);
    const [launcher, other] = [ticks(pid), ticks(spawner)];
    const own = launcher[11]! + launcher[12]! + other[11]! + other[12]!;
    return { own: own * TICK_MS, children: (launcher[13]! + launcher[14]!) * TICK_MS };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#containers.stop();
  }
}

function folderImages(layer: string): Images {
  const ready: ReadyImage = { digest: "sha256:0", layers: [layer], config: {} };
  return { prepare: async () => ready, release() {}, recover: async () => {}, prune: async () => {} };
}

const noNetworks: Networks = {
  join: () => Promise.reject(new Error("there are no networks")),
  leave: async () => {},
  recover: async () => {},
  sweep: async () => {},
  joined: () => undefined,
};

function makeLayer(layer: string): void {
  mkdirSync(join(layer, "bin"), { recursive: true });
  mkdirSync(join(layer, "etc"));
  if (!existsSync("/bin/busybox")) throw new Error("the bench needs Debian's busybox-static");
  copyFileSync("/bin/busybox", join(layer, "bin/busybox"));
  for (const name of ["sh", "sleep", "echo"]) symlinkSync("busybox", join(layer, "bin", name));
}

await main();
