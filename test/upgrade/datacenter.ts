import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { EtcdCluster } from "@meseta/drivers/store/etcd/etcd.rig.ts";
import { freePort } from "@meseta/lib/io/free-port.rig.ts";
import type { Release } from "./releases.ts";

/** A part of the cluster. */
export interface Part {
  readonly name: string;
  readonly args: readonly string[];
  release: Release;
  child: ChildProcess | undefined;
  /** It is to run: when it ends it is started again. */
  isWanted: boolean;
  /** How it has ended by itself, each time. */
  readonly ends: string[];
}

export interface Sizes {
  readonly masters: number;
  readonly agents: number;
  readonly etcds: number;
}

const RESTART_MS = 200;
/** On a machine that does much else an agent takes its time to start; it is not to be unreachable, and its tasks replaced, for that. */
const PATIENT = ["--max-agent-ping-timeouts", "60"];
/** A part that is asked to stop has that long. */
const STOP_MS = 20_000;

/** A cluster of processes on this machine, of which each can be of another release. */
export class Datacenter {
  readonly dir: string;
  readonly etcd: EtcdCluster;
  readonly parts: ReadonlyMap<string, Part>;
  readonly masters: readonly string[];
  readonly init: string;
  readonly chronos: string;
  readonly metronome: string;

  /** Starts all parts from one release. */
  static async start(dir: string, release: Release, sizes: Sizes): Promise<Datacenter> {
    mkdirSync(dir, { recursive: true, mode: 0o711 });
    const etcd = await EtcdCluster.start(sizes.etcds);
    const ports = await Promise.all(Array.from({ length: sizes.masters + sizes.agents + 3 }, freePort));
    const datacenter = new Datacenter(dir, etcd, release, sizes, ports);
    for (const part of datacenter.parts.values()) datacenter.run(part.name);
    return datacenter;
  }

  private constructor(dir: string, etcd: EtcdCluster, release: Release, sizes: Sizes, ports: number[]) {
    const url = (port: number): string => `http://127.0.0.1:${port}`;
    const mastersAt = ports.slice(0, sizes.masters);
    const agentsAt = ports.slice(sizes.masters, sizes.masters + sizes.agents);
    const [init, chronos, metronome] = ports.slice(-3) as [number, number, number];
    this.dir = dir;
    this.etcd = etcd;
    this.masters = mastersAt.map(url);
    [this.init, this.chronos, this.metronome] = [url(init), url(chronos), url(metronome)];
    const store = ["--store", `etcd://${etcd.hosts.join(",")}/upgrade`];
    const master = ["--master", this.masters.join(",")];
    const entries: [string, string[]][] = [
      ...mastersAt.map((port, at): [string, string[]] => [
        `master-${at + 1}`,
        ["master", "--port", `${port}`, ...store, ...PATIENT],
      ]),
      ...agentsAt.map((port, at): [string, string[]] => [
        `agent-${at + 1}`,
        ["agent", "--port", `${port}`, ...master, ...given(at)],
      ]),
      ["init", ["init", "--port", `${init}`, ...master, ...store]],
      ["cron", ["cron", "--port", `${chronos}`, "--metronome-port", `${metronome}`, ...master, ...store]],
    ];
    this.parts = new Map(
      entries.map(([name, args]) => [
        name,
        { name, args: [...args, "--dir", join(dir, name)], release, child: undefined, isWanted: false, ends: [] },
      ]),
    );
  }

  part(name: string): Part {
    return this.parts.get(name)!;
  }

  /** Starts a part, of the release that it has. */
  run(name: string): void {
    const part = this.part(name);
    const log = openSync(join(this.dir, `${name}.log`), "a");
    const child = spawn(join(part.release.dir, "bin", "meseta"), part.args, {
      stdio: ["ignore", log, log],
      detached: true,
    });
    part.child = child;
    part.isWanted = true;
    child.once("exit", (code, signal) => {
      if (part.child !== child || !part.isWanted) return;
      part.ends.push(signal ?? `code ${code}`);
      setTimeout(() => part.child === child && part.isWanted && this.run(name), RESTART_MS);
    });
  }

  /** Ends a part's process: at once, or by asking it. Resolves when it is gone. */
  async end(name: string, how: "killed" | "stopped"): Promise<void> {
    const part = this.part(name);
    part.isWanted = false;
    const { child } = part;
    part.child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill(how === "killed" ? "SIGKILL" : "SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await gone;
    clearTimeout(late);
  }

  /** Ends the tasks with their agents, and everything. */
  async stop(): Promise<void> {
    for (const part of this.parts.values()) if (part.name.startsWith("agent")) await this.#leave(part);
    await Promise.all([...this.parts.keys()].map((name) => this.end(name, "killed")));
    await this.etcd.stop();
  }

  async #leave(part: Part): Promise<void> {
    part.isWanted = false;
    const { child } = part;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGUSR1");
    await Promise.race([once(child, "exit"), wait(STOP_MS)]);
  }
}

function given(at: number): string[] {
  const resources = `cpus:8;mem:4096;disk:4096;ports:[${31_000 + 100 * at}-${31_099 + 100 * at}]`;
  return ["--resources", resources, "--hostname", "127.0.0.1", ...(process.getuid?.() === 0 ? ["--root-tasks"] : [])];
}
