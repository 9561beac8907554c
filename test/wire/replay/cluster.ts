import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Symbols } from "./symbols.ts";

const MAIN = fileURLToPath(new URL("../../../boot/main.ts", import.meta.url));

/** A master and an agent as processes of their own, with the settings of the recordings, in a directory that goes with them. */
export class Cluster implements AsyncDisposable {
  readonly dir = mkdtempSync(join(tmpdir(), "meseta-replay-"));
  readonly symbols: Symbols;
  readonly urls: Readonly<Record<"master" | "agent", string>>;
  readonly #ports: Readonly<Record<"master" | "agent", number>>;
  readonly #children = new Map<"master" | "agent", ChildProcess>();
  readonly #masterFlags: readonly string[];

  private constructor(ports: Record<"master" | "agent", number>, masterFlags: readonly string[]) {
    this.#ports = ports;
    this.#masterFlags = masterFlags;
    this.urls = { master: `http://127.0.0.1:${ports.master}`, agent: `http://127.0.0.1:${ports.agent}` };
    this.symbols = new Symbols([
      ["master-port", [String(ports.master)]],
      ["agent-port", [String(ports.agent)]],
      ["user", [userInfo().username]],
    ]);
  }

  /** Returns once the master offers the agent's resources. */
  static async start(masterFlags: readonly string[] = []): Promise<Cluster> {
    const cluster = new Cluster({ master: await freePort(), agent: await freePort() }, masterFlags);
    cluster.startMaster();
    cluster.startAgent();
    await cluster.#registered();
    return cluster;
  }

  startMaster(): void {
    const flags = ["--port", String(this.#ports.master), "--dir", join(this.dir, "master"), "--cluster", "golden"];
    this.#start("master", [...flags, ...this.#masterFlags]);
  }

  startAgent(): void {
    const resources = "cpus:8;mem:8192;disk:10240;ports:[31000-32000]";
    this.#start("agent", [
      ...["--master", this.urls.master, "--port", String(this.#ports.agent), "--dir", join(this.dir, "agent")],
      ...["--hostname", "127.0.0.1", "--resources", resources, "--attributes", "rack:r1;zone:z1"],
      ...(userInfo().uid === 0 ? ["--root-tasks"] : []),
    ]);
  }

  /** SIGKILL: nothing of it is told to anybody. */
  async kill(daemon: "master" | "agent"): Promise<void> {
    const child = this.#children.get(daemon)!;
    const { promise, resolve } = Promise.withResolvers<void>();
    child.once("exit", () => resolve());
    child.kill("SIGKILL");
    await promise;
  }

  isAlive(daemon: "master" | "agent"): boolean {
    const child = this.#children.get(daemon)!;
    return child.exitCode === null && child.signalCode === null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children.values()) await ended(child);
    rmSync(this.dir, { recursive: true, force: true });
  }

  #start(daemon: "master" | "agent", flags: readonly string[]): void {
    const child = spawn(process.execPath, [MAIN, daemon, "--log-level", "warn", ...flags], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    this.#children.set(daemon, child);
  }

  async #registered(): Promise<void> {
    for (;;) {
      const slaves = await fetch(`${this.urls.master}/slaves`).then(
        (answer) => (answer.ok ? (answer.json() as Promise<{ slaves: unknown[] }>) : { slaves: [] }),
        () => ({ slaves: [] }),
      );
      if (slaves.slaves.length > 0) return;
      if (!this.isAlive("master") || !this.isAlive("agent")) throw new Error("the cluster did not start");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  child.once("exit", () => resolve());
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await promise;
  clearTimeout(timer);
}

async function freePort(): Promise<number> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
