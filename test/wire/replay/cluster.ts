import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createMemoryStore } from "@meseta/drivers/store/memory.ts";
import { MASTER_DEFAULTS, type MasterConfig } from "@meseta/kernel/core/master/state.ts";
import { type RunningMaster, startMaster } from "@meseta/kernel/io/master/server.ts";
import { freePort } from "@meseta/lib/io/free-port.rig.ts";
import { TextLog } from "@meseta/lib/io/log.ts";
import type { Stage } from "./play.ts";
import { Symbols } from "./symbols.ts";

const EXECUTOR = fileURLToPath(new URL("scripted-executor.ts", import.meta.url));
const AGENT = fileURLToPath(new URL("agent-process.ts", import.meta.url));

/** A master in this process and an agent in its own, with the settings of the recordings; on loopback, in a directory that goes with them. */
export class Cluster implements Stage, AsyncDisposable {
  readonly dir: string;
  readonly symbols: Symbols;
  readonly urls: Readonly<Record<"master" | "agent", string>>;
  readonly #master: RunningMaster;
  readonly #agentPort: number;
  #agent!: ChildProcess;

  private constructor(dir: string, master: RunningMaster, agentPort: number) {
    this.dir = dir;
    this.#master = master;
    this.#agentPort = agentPort;
    this.urls = { master: master.url, agent: `http://127.0.0.1:${agentPort}` };
    this.symbols = new Symbols([
      ["master-port", [String(master.port)]],
      ["agent-port", [String(agentPort)]],
      ["user", [userInfo().username]],
      ["work-dir", [join(dir, "agent", "work")]],
      ["client-dir", [dir]],
      ["node", [process.execPath]],
    ]);
  }

  /** Returns once the master has the agent. */
  static async start(config: Partial<MasterConfig> = {}): Promise<Cluster> {
    const dir = realpathSync(mkdtempSync(join(tmpdir(), "meseta-replay-")));
    // Tasks of other users pass through it.
    chmodSync(dir, 0o755);
    writeFileSync(join(dir, "mesos-golden-fetch.txt"), "fetched\n");
    symlinkSync(EXECUTOR, join(dir, "golden-executor.mjs"));
    const cluster = new Cluster(dir, await masterIn(dir, config), await freePort());
    cluster.startAgent();
    await cluster.until(({ active }) => active === true);
    return cluster;
  }

  startAgent(): void {
    const argv = [AGENT, join(this.dir, "agent"), String(this.#agentPort), this.urls.master];
    this.#agent = spawn(process.execPath, argv, { stdio: ["pipe", "inherit", "inherit"] });
  }

  /** SIGKILL: it can tell nobody. */
  async killAgent(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#agent.once("exit", () => resolve());
    this.#agent.kill("SIGKILL");
    await promise;
  }

  get agentLives(): boolean {
    return this.#agent.exitCode === null && this.#agent.signalCode === null;
  }

  /** Waits until the master says of its agent, in /slaves, what is wanted. */
  async until(wanted: (slave: Readonly<Record<string, unknown>>) => boolean): Promise<void> {
    for (;;) {
      const answer = await fetch(`${this.urls.master}/slaves`);
      const { slaves } = (await answer.json()) as { slaves: Record<string, unknown>[] };
      if (slaves.some(wanted)) return;
      if (!this.agentLives) throw new Error("the agent has ended");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Also what an agent left behind that was killed. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#agent.signalCode !== null) this.startAgent();
    if (this.agentLives) await this.#endAgent();
    await this.#master.stop();
    endLaunchers(this.dir);
    rmSync(this.dir, { recursive: true, force: true });
  }

  async #endAgent(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#agent.once("exit", () => resolve());
    this.#agent.kill("SIGTERM");
    const timer = setTimeout(() => this.#agent.kill("SIGKILL"), 20_000);
    await promise;
    clearTimeout(timer);
  }
}

/** A launcher stays when it still has something to tell an agent; nobody will ask it here. */
function endLaunchers(dir: string): void {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name)))
    try {
      if (readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith(`meseta-launcher ${dir}/`)) process.kill(Number(pid));
    } catch {
      // It has ended meanwhile.
    }
}

function masterIn(dir: string, changes: Partial<MasterConfig>): Promise<RunningMaster> {
  const logFile = join(dir, "master.log");
  writeFileSync(logFile, "Log file of a master that replays recordings, longer than what is read of it.\n");
  const config: Omit<MasterConfig, "port"> = {
    ...MASTER_DEFAULTS,
    ...{ hostname: "127.0.0.1", ip: "127.0.0.1", cluster: "golden", version: "1.12.0", offerTimeoutMs: undefined },
    flags: { cluster: "golden" },
    ...changes,
  };
  const fatal = (reason: Error): never => {
    throw reason;
  };
  return startMaster(
    { host: "127.0.0.1", port: 0, config },
    { store: createMemoryStore(), log: new TextLog(2, "error"), clock: { nowMs: () => Date.now() }, logFile, fatal },
  );
}
