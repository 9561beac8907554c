// A real etcd of one or more members for tests, on free ports, in a temporary folder.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "@meseta/lib/io/free-port.rig.ts";
import type { EtcdAccess } from "./access.ts";
import { EtcdClient } from "./client.ts";

const PROGRAM = "/usr/bin/etcd";

/** Debian's etcd-server. */
export const hasEtcd = existsSync(PROGRAM);

export class EtcdCluster implements AsyncDisposable {
  /** `host:port` of each member, for clients. */
  readonly hosts: readonly string[];
  readonly #dir: string;
  readonly #access: EtcdAccess | undefined;
  readonly #arguments: readonly (readonly string[])[];
  readonly #processes: (ChildProcess | undefined)[] = [];

  /** Resolves when it takes writes. More flags of etcd can be given; with `access` that has TLS, clients are served over it only. */
  static async start(members: number, flags: readonly string[] = [], access?: EtcdAccess): Promise<EtcdCluster> {
    for (let attempt = 1; ; attempt++) {
      const cluster = new EtcdCluster(await ports(members), await ports(members), flags, access);
      for (const at of cluster.hosts.keys()) cluster.startMember(at);
      if (await cluster.#ready()) return cluster;
      await cluster.stop();
      // A port may have been taken in between.
      if (attempt === 3) throw new Error("etcd does not start");
    }
  }

  private constructor(
    clients: readonly number[],
    peers: readonly number[],
    flags: readonly string[],
    access: EtcdAccess | undefined,
  ) {
    const scheme = access?.tls === undefined ? "http" : "https";
    this.#access = access;
    this.#dir = mkdtempSync(join(tmpdir(), "meseta-etcd-"));
    this.hosts = clients.map((port) => `127.0.0.1:${port}`);
    const all = peers.map((port, at) => `m${at}=http://127.0.0.1:${port}`).join(",");
    this.#arguments = clients.map((client, at) => [
      ...["--name", `m${at}`, "--data-dir", join(this.#dir, `m${at}`), "--initial-cluster", all],
      ...[
        "--listen-client-urls",
        `${scheme}://127.0.0.1:${client}`,
        "--advertise-client-urls",
        `${scheme}://127.0.0.1:${client}`,
      ],
      ...["--listen-peer-urls", `http://127.0.0.1:${peers[at]}`],
      ...["--initial-advertise-peer-urls", `http://127.0.0.1:${peers[at]}`],
      ...["--heartbeat-interval", "50", "--election-timeout", "500", ...flags],
    ]);
  }

  startMember(at: number): void {
    const log = openSync(join(this.#dir, `m${at}.log`), "a");
    this.#processes[at] = spawn(PROGRAM, this.#arguments[at]!, { stdio: ["ignore", log, log] });
  }

  /** Resolves when the process is gone. */
  async killMember(at: number): Promise<void> {
    const child = this.#processes[at];
    this.#processes[at] = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }

  freezeMember(at: number): void {
    this.#processes[at]!.kill("SIGSTOP");
  }

  thawMember(at: number): void {
    this.#processes[at]!.kill("SIGCONT");
  }

  /** The member that leads; undefined while none does. */
  async leader(): Promise<number | undefined> {
    for (const [at, host] of this.hosts.entries()) {
      const status = await asked(`http://${host}/v3/maintenance/status`, "{}");
      const { leader, header } = (status ?? {}) as { leader?: string; header?: { member_id: string } };
      if (leader !== undefined && leader === header?.member_id) return at;
    }
    return undefined;
  }

  async stop(): Promise<void> {
    await Promise.all(this.hosts.map((_, at) => this.killMember(at)));
    rmSync(this.#dir, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #serves(host: string): Promise<boolean> {
    if (this.#access === undefined) return (await asked(`http://${host}/health`))?.["health"] === "true";
    const client = new EtcdClient([host], { wholeMs: 1_000, attemptMs: 1_000 }, this.#access);
    const served = await client.range({ key: "x" }).then(
      () => true,
      () => false,
    );
    client.close();
    return served;
  }

  async #ready(): Promise<boolean> {
    for (;;) {
      if (this.#processes.some((child) => child?.exitCode !== null)) return false;
      if ((await Promise.all(this.hosts.map((host) => this.#serves(host)))).every(Boolean)) return true;
      await wait(50);
    }
  }
}

async function asked(url: string, body?: string): Promise<Record<string, unknown> | undefined> {
  try {
    const init = body === undefined ? {} : { method: "POST", body };
    const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(2_000) });
    return (await answer.json()) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
const ports = (count: number): Promise<number[]> => Promise.all(Array.from({ length: count }, freePort));
