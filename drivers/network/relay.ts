import { closeSync, mkdirSync, openSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import type { Programs } from "../launch/programs.ts";

const relayProgram = fileURLToPath(new URL("relay.pl", import.meta.url));
/** A timer's most: the relay ends by itself long before. */
const foreverMs = 2 ** 31 - 1;
const defaultMs = 60_000;
const retryMs = 10;
const maxAnswer = 4096;

export interface RelayOptions {
  /** Of this agent alone, absolute; made when missing. */
  readonly dir: string;
  readonly programs: Programs;
  /** The network namespace of a container that runs; undefined: it has the agent's own. */
  readonly namespaceOf: (container: string) => string | undefined;
  readonly perl?: string | undefined;
  /** The relay ends when nobody came for so long; absent: 60. */
  readonly idleSeconds?: number | undefined;
}

/** Connections to ports of containers, each in its own network; by one small process that is started when it is needed. */
export class Relay {
  readonly #options: RelayOptions;
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;
  #complaint = "";

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  /**
   * A connected socket; `host` is an IP address or "localhost", as the container means it. Rejects with the reason when nobody
   * listens there, or when it takes longer than `timeoutMs` (0: a minute).
   */
  async dial(container: string, host: string, port: number, timeoutMs: number): Promise<Socket> {
    const namespace = this.#options.namespaceOf(container);
    const end = AbortSignal.any([AbortSignal.timeout(timeoutMs > 0 ? timeoutMs : defaultMs), this.#closing.signal]);
    if (namespace === undefined) return connected(connect({ host, port }), end);
    const address = host === "localhost" ? "127.0.0.1" : host;
    for (;;) {
      const socket = await this.#reach(end);
      // One that is just ending has not answered; the next one will.
      const answer = await ask(socket, `${namespace} ${address} ${port}\n`, end);
      if (answer === "ok") return socket;
      socket.destroy();
      if (answer !== "") throw new Error(answer.replace(/^failed /, ""));
      await pause(end);
    }
  }

  /** Ends the relay; connections break. */
  close(): void {
    this.#closing.abort(new Error("the relay is closed"));
  }

  async #reach(end: AbortSignal): Promise<Socket> {
    for (;;) {
      const socket = await this.#knock();
      if (socket) return socket;
      this.#start();
      await pause(end).catch((error: Error) => {
        throw this.#complaint ? new Error(`the relay for checks does not run: ${this.#complaint}`) : error;
      });
    }
  }

  // A socket's name holds 107 bytes; through a descriptor of the folder any path fits.
  async #knock(): Promise<Socket | undefined> {
    const { dir } = this.#options;
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const folder = openSync(dir, "r");
    try {
      return await connected(connect(`/proc/self/fd/${folder}/relay.sock`));
    } catch {
      return undefined;
    } finally {
      closeSync(folder);
    }
  }

  #start(): void {
    const { dir, programs, perl = "/usr/bin/perl", idleSeconds = 60 } = this.#options;
    this.#running ??= programs
      .run({
        file: perl,
        arguments: [relayProgram, dir, String(idleSeconds)],
        timeoutMs: foreverMs,
        signal: this.#closing.signal,
      })
      .then(
        ({ stderr }) => void (this.#complaint = stderr.trim()),
        (error: Error) => void (this.#complaint = error.message),
      )
      .finally(() => {
        this.#running = undefined;
      });
  }
}

function connected(socket: Socket, end?: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error) => {
      end?.removeEventListener("abort", stop);
      socket.off("error", settle);
      if (!error) return resolve(socket);
      socket.destroy();
      reject(error);
    };
    const stop = () => settle(end!.reason as Error);
    socket.once("connect", () => settle()).once("error", settle);
    if (end?.aborted) stop();
    else end?.addEventListener("abort", stop);
  });
}

/** The relay's answer, without its line end; empty when it went away. What follows the answer stays in the socket. */
function ask(socket: Socket, line: string, end: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let got = Buffer.alloc(0);
    const done = () => {
      socket.off("readable", read).off("close", gone).off("error", gone);
      end.removeEventListener("abort", stop);
    };
    const gone = () => {
      done();
      resolve("");
    };
    const stop = () => {
      done();
      socket.destroy();
      reject(end.reason as Error);
    };
    const read = () => {
      for (let bytes: Buffer | null; (bytes = socket.read()); ) got = Buffer.concat([got, bytes]);
      const at = got.indexOf("\n");
      if (at < 0 && got.length < maxAnswer) return;
      done();
      if (at >= 0 && at + 1 < got.length) socket.unshift(got.subarray(at + 1));
      resolve(got.subarray(0, at < 0 ? got.length : at).toString());
    };
    // Read in this way the socket is left as it was: neither flowing nor paused.
    socket.on("readable", read).on("close", gone).on("error", gone);
    if (end.aborted) return stop();
    end.addEventListener("abort", stop);
    socket.write(line);
  });
}

function pause(end: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(end.reason as Error);
    };
    const timer = setTimeout(() => {
      end.removeEventListener("abort", stop);
      resolve();
    }, retryMs);
    if (end.aborted) stop();
    else end.addEventListener("abort", stop);
  });
}
