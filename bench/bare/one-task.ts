import { type ChildProcess, fork, spawn } from "node:child_process";
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROUND_TRIPS = 6;
const SYNCS = 2;

/** What the start of one task cannot do without: a spawn, six round trips over loopback HTTP, and two durable writes, one after the other. */
export class BareTask implements Disposable {
  readonly #server: ChildProcess;
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #dir = mkdtempSync(join(tmpdir(), "meseta-bench-"));
  readonly #file = openSync(join(this.#dir, "log"), "a");

  static async open(): Promise<BareTask> {
    const server = fork(join(import.meta.dirname, "echo-server.ts"), { stdio: ["ignore", "pipe", "inherit", "ipc"] });
    const port = await new Promise<number>((resolve) => server.stdout!.once("data", (text) => resolve(Number(text))));
    return new BareTask(server, port);
  }

  private constructor(server: ChildProcess, port: number) {
    this.#server = server;
    this.#port = port;
  }

  /** Milliseconds. */
  async run(): Promise<number> {
    const startMs = performance.now();
    for (let i = 0; i < ROUND_TRIPS; i++) await this.#post();
    for (let i = 0; i < SYNCS; i++) this.#write();
    const child = spawn("/bin/true", { stdio: "ignore" });
    await new Promise((resolve) => child.once("spawn", resolve));
    const ms = performance.now() - startMs;
    await new Promise((resolve) => child.once("exit", resolve));
    return ms;
  }

  [Symbol.dispose](): void {
    this.#server.disconnect();
    this.#agent.destroy();
    closeSync(this.#file);
    rmSync(this.#dir, { recursive: true });
  }

  #post(): Promise<void> {
    return new Promise((resolve, reject) => {
      const sent = request({ port: this.#port, host: "127.0.0.1", method: "POST", agent: this.#agent }, (response) => {
        response.resume();
        response.once("end", resolve);
      });
      sent.once("error", reject);
      sent.end(body);
    });
  }

  #write(): void {
    writeSync(this.#file, body);
    fdatasyncSync(this.#file);
  }
}

const body = Buffer.alloc(512, 1);
