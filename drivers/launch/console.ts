import { existsSync, readFileSync, watch } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ContainerInput, LogRotation, Window } from "@meseta/kernel/core/agent/ports.ts";
import type { SpawnOrder } from "./protocol.ts";
import { dial } from "./start.ts";

const program = fileURLToPath(new URL("console.pl", import.meta.url));

/** A terminal for a container, kept by a process of its own (console.pl). */
export interface ConsoleOptions {
  /** The id of the keeper's box; it ends when the terminal does, and is destroyed when its container does not start. */
  readonly id: string;
  /** A folder of this terminal's own that only the agent enters; it is there. */
  readonly dir: string;
  readonly window: Window;
  /** "pts": for a process of the launcher. "socket": for an OCI runtime, as its --console-socket. */
  readonly mode: "pts" | "socket";
  /** Where all that the terminal shows is appended, and to whom ("uid:gid") that file is given. */
  readonly output: string;
  readonly outputOwner?: string | undefined;
  readonly rotation: LogRotation;
  readonly perl?: string | undefined;
}

/** What the launcher needs to start the keeper. */
export function consoleOrder(options: ConsoleOptions): SpawnOrder {
  const { id, dir, window, mode, perl = "/usr/bin/perl" } = options;
  return {
    id,
    file: perl,
    argv: ["perl", program, dir, String(window.rows), String(window.columns), mode],
    environment: { PATH: "/usr/bin:/bin" },
    workingDirectory: dir,
    stdout: options.output,
    stderr: join(dir, "console.log"),
    outputOwner: options.outputOwner,
    rotateAtBytes: options.rotation.maxBytes,
    keepFiles: options.rotation.keep,
    rlimits: [],
  };
}

/**
 * Resolves when the keeper is ready: with the terminal's path for "pts", which is to be stdin of the container's order, or with
 * that of the socket. Rejects when `signal` aborts, which it has to when the keeper's box ends.
 */
export function consoleReady(dir: string, mode: "pts" | "socket", signal?: AbortSignal): Promise<string> {
  const path = join(dir, mode === "pts" ? "pts" : "console.sock");
  return new Promise((resolve, reject) => {
    const watcher = watch(dir, () => look());
    const done = () => {
      watcher.close();
      signal?.removeEventListener("abort", abort);
    };
    const abort = () => {
      done();
      reject(signal?.reason as Error);
    };
    const look = () => {
      if (!existsSync(path)) return;
      done();
      resolve(mode === "pts" ? readFileSync(path, "utf8") : path);
    };
    signal?.addEventListener("abort", abort);
    if (signal?.aborted) abort();
    else look();
  });
}

/** The way into a terminal, through its keeper: also one of an earlier life of the agent. */
export class ConsoleInput implements ContainerInput {
  readonly #dir: string;
  #socket: Socket | undefined;
  #closed = false;
  #tail: Promise<void> = Promise.resolve();

  constructor(dir: string) {
    this.#dir = dir;
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#send(Buffer.concat([Buffer.from(`D ${bytes.byteLength}\n`), bytes]));
  }

  end(): void {
    void this.#send(Buffer.from("E\n"));
  }

  resize(window: Window): void {
    void this.#send(Buffer.from(`W ${window.rows} ${window.columns}\n`));
  }

  /** Lets go of the terminal, which stays as it is. */
  close(): void {
    this.#closed = true;
    this.#socket?.destroy();
  }

  #send(frame: Buffer): Promise<void> {
    this.#tail = this.#tail.then(async () => {
      const socket = await this.#reach();
      if (socket) await new Promise<void>((resolve) => void socket.write(frame, () => resolve()));
    });
    return this.#tail;
  }

  // Without a keeper there is no terminal any more, and what is typed is dropped.
  async #reach(): Promise<Socket | undefined> {
    if (this.#closed || this.#socket?.writable) return this.#closed ? undefined : this.#socket;
    const socket = existsSync(this.#dir) ? await dial(this.#dir, "input.sock") : undefined;
    socket?.on("error", () => socket.destroy()).resume();
    this.#socket = socket;
    if (this.#closed) this.close();
    return this.#closed ? undefined : socket;
  }
}
