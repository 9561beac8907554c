import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const program = join(root, "bin/meseta");

/** A part as a user starts it, in a folder of its own that goes with it. */
export class Part implements AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** From the start of the process until it listened and had read its records. */
  readonly readyMs: number;
  readonly #child: ChildProcess;
  readonly #dir: string;

  static start(name: "master" | "agent" | "init", ...flags: string[]): Promise<Part> {
    const dir = mkdtempSync(join(tmpdir(), "meseta-bench-"));
    return Part.#start(dir, program, [name, "--dir", dir, "--port", "0", ...flags]);
  }

  /** A bare node:http server, started by the same Node with the same compile cache. */
  static startBare(): Promise<Part> {
    const dir = mkdtempSync(join(tmpdir(), "meseta-bench-"));
    const node = join(root, "node_modules/.bin/node");
    const script = join(import.meta.dirname, "../bare/http-process.ts");
    return Part.#start(dir, "/bin/sh", ["-c", `exec ${node} ${script}`]);
  }

  static async #start(dir: string, command: string, args: string[]): Promise<Part> {
    const env = { NODE_COMPILE_CACHE: join(root, "node_modules/.cache/compile"), ...process.env };
    const startMs = performance.now();
    const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"], env });
    const end = () => void child.kill("SIGTERM");
    process.once("exit", end);
    child.once("exit", () => process.off("exit", end));
    const url = await listening(child);
    return new Part(child, dir, url, performance.now() - startMs);
  }

  private constructor(child: ChildProcess, dir: string, url: string, readyMs: number) {
    this.#child = child;
    this.#dir = dir;
    this.url = url;
    this.pid = child.pid!;
    this.readyMs = readyMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGTERM");
    await ended;
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

function listening(child: ChildProcess): Promise<string> {
  let text = "";
  return new Promise((resolve, reject) => {
    child.once("exit", () => reject(new Error(`it ended before it listened: ${text}`)));
    // It is read to the end, so that the log never fills the pipe.
    child.stderr!.on("data", (chunk: Buffer) => {
      if (text.length < 100_000) text += chunk;
      const url = / listens url=(\S+)/.exec(text)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
}

/** The processes that this one started and that run, and those that they started. */
export function descendants(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    .trim()
    .split(" ")
    .filter(Boolean)
    .map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

/** CPU time of a process so far, with that of its children that ended, in milliseconds. */
export function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ").map(Number);
  return fields.slice(11, 15).reduce((sum, ticks) => sum + ticks, 0) * MS_A_TICK;
}

const MS_A_TICK = 10;
