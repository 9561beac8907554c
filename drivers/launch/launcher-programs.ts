import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Launcher, LauncherEvent } from "./launcher.ts";
import { PipeInput } from "./pipe-input.ts";
import type { Program, ProgramResult, Programs } from "./programs.ts";
import type { LauncherExit, SpawnOrder } from "./protocol.ts";

const prefix = "program-";
const timeoutMs = 60_000;
const readBytes = 1 << 20;
/** Far beyond what is read, the files are cut while the program still writes. */
const cutBytes = 8 << 20;
const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Runs programs as boxes of the launcher, each with an id and files of its own, of which nothing stays. What they read comes through a FIFO:
 * it may be a registry's password, and is never on a disk.
 */
export class LauncherPrograms implements Programs {
  readonly #launcher: Launcher;
  readonly #dir: string;
  readonly #running = new Map<string, Running>();

  /**
   * `dir` holds what the programs read and print, and belongs to nobody else. What an earlier life of the agent had under way is
   * ended and forgotten.
   */
  constructor(launcher: Launcher, dir: string) {
    this.#launcher = launcher;
    this.#dir = dir;
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const { tasks, exits } = launcher.claim(prefix, (event) => this.#hear(event));
    for (const task of tasks) launcher.destroy(task.id);
    for (const exit of exits) launcher.acknowledge(exit);
  }

  async run(program: Program): Promise<ProgramResult> {
    program.signal?.throwIfAborted();
    const id = prefix + randomUUID();
    try {
      const input = program.input === undefined ? undefined : await this.#feed(id, program.input);
      const exit = await this.#outcome(id, program, input).finally(() => input?.close());
      const [stdout, stderr] = await Promise.all([this.#read(id, "out"), this.#read(id, "err")]);
      return { waitStatus: exit.waitStatus, stdout, stderr };
    } finally {
      await Promise.all(["in", "out", "err"].map((name) => rm(this.#path(id, name), { force: true })));
    }
  }

  async #feed(id: string, text: string): Promise<PipeInput> {
    const input = await PipeInput.make(this.#launcher, this.#path(id, "in"));
    void input.write(Buffer.from(text));
    input.end();
    return input;
  }

  /** Resolves with the end of it; rejects when it did not start, or was killed for us, and then nothing of it is left. */
  #outcome(id: string, program: Program, input: PipeInput | undefined): Promise<LauncherExit> {
    return new Promise((resolve, reject) => {
      if (program.signal?.aborted) return reject(program.signal.reason);
      let killedFor: Error | undefined;
      const kill = (why: Error) => {
        killedFor ??= why;
        this.#launcher.destroy(id);
      };
      const limitMs = program.timeoutMs ?? timeoutMs;
      const timer = setTimeout(
        () => kill(new Error(`${program.file} did not end within ${limitMs / 1000} s`)),
        limitMs,
      );
      const abort = () => kill(program.signal?.reason as Error);
      program.signal?.addEventListener("abort", abort, { once: true });
      const done = () => {
        clearTimeout(timer);
        program.signal?.removeEventListener("abort", abort);
        this.#running.delete(id);
      };
      this.#running.set(id, {
        started: () => input?.started(),
        ended: (exit) => {
          done();
          if (killedFor) reject(killedFor);
          else resolve(exit);
        },
        failed: (text) => {
          done();
          reject(killedFor ?? new Error(`cannot run ${program.file}: ${text}`));
        },
      });
      this.#launcher.spawn(this.#orderOf(id, program));
    });
  }

  #hear(event: LauncherEvent): void {
    if (event.type === "started") this.#running.get(event.id)?.started();
    if (event.type === "failed") this.#running.get(event.id)?.failed(event.text);
    if (event.type !== "exit") return;
    if (event.number >= 0) this.#launcher.acknowledge(event);
    this.#running.get(event.id)?.ended(event);
  }

  #orderOf(id: string, program: Program): SpawnOrder {
    return {
      id,
      file: program.file,
      argv: [program.file, ...program.arguments],
      environment: { PATH: systemPath, ...program.environment },
      workingDirectory: "/",
      stdin: program.input === undefined ? undefined : this.#path(id, "in"),
      stdout: this.#path(id, "out"),
      stderr: this.#path(id, "err"),
      rotateAtBytes: cutBytes,
      keepFiles: 0,
      rlimits: [],
    };
  }

  #path(id: string, name: string): string {
    return join(this.#dir, `${id}.${name}`);
  }

  async #read(id: string, name: string): Promise<string> {
    await using file = await open(this.#path(id, name));
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min((await file.stat()).size, readBytes)), 0);
    return buffer.toString("utf8", 0, bytesRead);
  }
}

interface Running {
  readonly started: () => void;
  readonly ended: (exit: LauncherExit) => void;
  readonly failed: (text: string) => void;
}
