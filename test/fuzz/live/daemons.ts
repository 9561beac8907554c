import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "@meseta/lib/io/free-port.rig.ts";
import { ATTACKED, favour, raise } from "./priority.ts";

const MESETA = fileURLToPath(new URL("../../../bin/meseta", import.meta.url));
const BARE = fileURLToPath(new URL("bare.ts", import.meta.url));
export const PARTS = ["master", "agent", "init", "cron"] as const;
export type PartName = (typeof PARTS)[number];

/** Where nobody listens: whoever has this master has none, and so nothing that is sent here becomes a process of this machine. */
const NOWHERE = "http://127.0.0.1:1";
const TICKS_A_SECOND = 100;
const THREADS_EVERY_MS = 50;

/** Real processes of the parts, each by itself, in a folder that goes with them. */
export class Daemons implements AsyncDisposable {
  readonly #dir = mkdtempSync(join(tmpdir(), "meseta-fuzz-live-"));
  readonly #all: Daemon[] = [];
  readonly #isRealTime: boolean;

  /** `isRealTime`: they go before what runs at the usual priority. */
  constructor(isRealTime: boolean) {
    this.#isRealTime = isRealTime;
  }

  /** A process of the part that answers. */
  async start(name: PartName): Promise<Daemon> {
    const port = await freePort();
    const more = name === "cron" ? ["--metronome-port", String(await freePort())] : [];
    const master = name === "master" ? [] : ["--master", NOWHERE];
    const args = [name, "--port", String(port), "--dir", join(this.#dir, name), ...master, ...more];
    return this.#answering(new Daemon(name, port, spawn(MESETA, args, { stdio: "ignore" })));
  }

  /** A bare server of Node, which answers a reading with as many bytes as this one does. */
  async startBare(like: Daemon): Promise<Daemon> {
    const port = await freePort();
    const args = [BARE, String(port), String((await like.read()).byteLength)];
    return this.#answering(new Daemon(like.name, port, spawn(process.execPath, args, { stdio: "ignore" })));
  }

  async #answering(daemon: Daemon): Promise<Daemon> {
    this.#all.push(daemon);
    while (daemon.isAlive && !(await daemon.answers())) await new Promise((resolve) => setTimeout(resolve, 50));
    if (!daemon.isAlive) throw new Error(`${daemon.name} ended before it answered`);
    if (this.#isRealTime) daemon.raise();
    return daemon;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#all.map((one) => one.stop()));
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

/** One process. */
export class Daemon {
  readonly name: PartName;
  readonly port: number;
  readonly #process: ChildProcess;

  constructor(name: PartName, port: number, process: ChildProcess) {
    this.name = name;
    this.port = port;
    this.#process = process;
  }

  get isAlive(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** What a client reads who only wants to see how things are. */
  get reading(): string {
    return { master: "/state", agent: "/state", init: "/v2/apps", cron: "/v1/scheduler/jobs" }[this.name];
  }

  async answers(): Promise<boolean> {
    return this.read().then(
      () => true,
      () => false,
    );
  }

  /** Its answer to who reads. Rejects when it is none of 200. */
  async read(): Promise<ArrayBuffer> {
    const answer = await fetch(`http://127.0.0.1:${this.port}${this.reading}`);
    const body = await answer.arrayBuffer();
    if (answer.status !== 200) throw new Error(`${this.name} answers ${answer.status}`);
    return body;
  }

  get pid(): number {
    return this.#process.pid!;
  }

  /** What it has read so far, of connections and of files. */
  get readBytes(): number {
    return Number(/rchar: (\d+)/.exec(readFileSync(`/proc/${this.pid}/io`, "utf8"))?.[1]);
  }

  /** Before whatever else runs on this machine. */
  raise(): void {
    raise(this.pid, ATTACKED);
    const known = new Set<string>();
    const look = () => (this.isAlive ? favour(this.pid, known) : clearInterval(timer));
    const timer = setInterval(look, THREADS_EVERY_MS);
  }

  get memoryMiB(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, "utf8");
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
  }

  /** What it has used of the processor, in seconds. */
  get busySeconds(): number {
    const fields = readFileSync(`/proc/${this.pid}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
  }

  async stop(): Promise<void> {
    if (!this.isAlive) return;
    const exit = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    await exit;
  }
}
