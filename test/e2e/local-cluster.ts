import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Ready } from "@meseta/boot/up/layout.ts";
import { freePort } from "@meseta/lib/io/free-port.rig.ts";

export const MESETA = fileURLToPath(new URL("../../bin/meseta", import.meta.url));

/** A real cluster of `meseta up --json` in a directory of its own, on ports that were free. */
export class RunningCluster {
  readonly dir: string;
  readonly process: ChildProcess;
  readonly ready: Ready;
  readonly #lines: AsyncIterator<string>;

  private constructor(dir: string, child: ChildProcess, ready: Ready, lines: AsyncIterator<string>) {
    this.dir = dir;
    this.process = child;
    this.ready = ready;
    this.#lines = lines;
  }

  static async start(
    args: readonly string[] = [],
    dir = mkdtempSync(join(tmpdir(), "meseta-e2e-")),
  ): Promise<RunningCluster> {
    await choosePorts(dir);
    const child = spawn(MESETA, ["up", "--json", "--dir", dir, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    const { value = "" } = await lines.next();
    if (value === "") throw new Error(`up ended before it was ready; see ${dir}/logs`);
    return new RunningCluster(dir, child, JSON.parse(value) as Ready, lines);
  }

  /** Ctrl-C: resolves to the exit code when all is gone. */
  async stop(): Promise<number | null> {
    if (this.#isOver) return this.process.exitCode;
    const exit = once(this.process, "exit");
    this.process.kill("SIGINT");
    await exit;
    return this.process.exitCode;
  }

  get #isOver(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  /** The next line that `up` prints, parsed. */
  async nextLine(): Promise<unknown> {
    return JSON.parse((await this.#lines.next()).value);
  }

  /** kill -9 of the process of one part, found by its command line. */
  kill(part: "master" | `master-${number}` | "init" | "cron" | `agent-${number}` | "up"): void {
    const pid = part === "up" ? this.process.pid! : this.pidOf(part);
    process.kill(pid, "SIGKILL");
  }

  pidOf(part: string): number {
    const folder = join(this.dir, part);
    const found = processesWith(folder).find(
      ({ args }) => args.includes(folder) && args.some((arg) => arg.endsWith("boot/main.ts")),
    );
    if (found === undefined) throw new Error(`no process of ${part} runs`);
    return found.pid;
  }

  /** Leaves nothing behind, also where a test has killed `up` and failed before the next one took over. */
  async remove(): Promise<void> {
    if (this.#isOver) spawnSync(MESETA, ["down", "--dir", this.dir]);
    else await this.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** All processes whose command line names `text`. */
export function processesWith(text: string): { pid: number; args: string[] }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => ({ pid: Number(name), args: commandLine(name) }))
    .filter(({ args }) => args.some((arg) => arg.includes(text)));
}

function commandLine(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").filter(Boolean);
  } catch {
    return [];
  }
}

/** Ports that are this cluster's also while it does not run: the usual ones would be the next one's then. */
async function choosePorts(dir: string): Promise<void> {
  const file = join(dir, "ports.json");
  if (existsSync(file)) return;
  const members = [1, 2, 3].flatMap((n) => [`etcd-${n}`, `etcd-${n}-peers`]);
  const masters = ["master", "master-2", "master-3"];
  const parts = [
    ...masters,
    ...members,
    "init",
    "chronos",
    "metronome",
    ...Array.from({ length: 9 }, (_, at) => `agent-${at + 1}`),
  ];
  const ports = await Promise.all(parts.map(async (part) => [part, await freePort()]));
  writeFileSync(file, JSON.stringify(Object.fromEntries(ports)));
}

export interface Finished {
  code: number | null;
  out: string;
  err: string;
}

/** Runs one command line against a cluster, and collects what it says. */
export async function meseta(cluster: RunningCluster, ...args: string[]): Promise<Finished> {
  const env = {
    ...process.env,
    MESETA_MASTER: cluster.ready.masters.join(","),
    MESETA_INIT: cluster.ready.init ?? "",
    MESETA_CRON: cluster.ready.metronome ?? "",
    NO_COLOR: "1",
  };
  const child = spawn(MESETA, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const [out, err] = [child.stdout!, child.stderr!].map((stream) => {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk) => chunks.push(chunk));
    return chunks;
  });
  const [code] = await once(child, "close");
  return { code, out: Buffer.concat(out!).toString(), err: Buffer.concat(err!).toString() };
}
