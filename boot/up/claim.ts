import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** What the owner of a directory tells those who connect: one JSON line each. */
export type Notice = { event: "ready"; [key: string]: unknown } | { event: "stopped" };

/**
 * One `up` owns a directory at a time; it listens on a socket there. Others connect to it: to attach a view, or to
 * ask it to stop. The socket of a dead owner refuses connections, so a crash leaves no lock behind.
 */
export class Claim {
  readonly #server: Server;
  readonly #guests = new Set<Socket>();
  #ready: Notice | undefined;

  private constructor(server: Server, onStop: (wipe: boolean) => void) {
    this.#server = server;
    server.on("connection", (guest) => {
      this.#guests.add(guest);
      guest.on("error", () => {}).on("close", () => this.#guests.delete(guest));
      guest.on("data", (data) => onStop(data.toString().startsWith("wipe")));
      if (this.#ready !== undefined) guest.write(`${JSON.stringify(this.#ready)}\n`);
    });
  }

  /** Takes the directory, or returns a connection to the `up` that has it. */
  static async take(dir: string, onStop: (wipe: boolean) => void): Promise<Claim | Socket> {
    const path = socketPath(dir);
    for (;;) {
      const server = await listen(path);
      if (server !== undefined) return new Claim(server, onStop);
      const owner = await reach(dir);
      if (owner !== undefined) return owner;
      rmSync(path, { force: true });
    }
  }

  /** Tells all who are connected, and all who will be. */
  announce(notice: Notice): void {
    this.#ready = notice;
    for (const guest of this.#guests) guest.write(`${JSON.stringify(notice)}\n`);
  }

  release(): void {
    for (const guest of this.#guests) guest.end();
    this.#server.close();
  }
}

/** A connection to the live owner of a directory, or undefined when there is none. */
export function reach(dir: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(socketPath(dir));
    socket.once("connect", () => resolve(socket));
    socket.once("error", () => resolve(undefined));
  });
}

function listen(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(undefined) : reject(error),
    );
    server.listen(path, () => resolve(server));
  });
}

/** Linux allows 107 bytes for the path of a socket; a deeper directory gets a name of its own in the temporary folder. */
const MAX_SOCKET_PATH = 100;

/** Of the socket in the directory. */
export const SOCKET_NAME = "up.sock";

function socketPath(dir: string): string {
  const path = join(resolve(dir), SOCKET_NAME);
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH) return path;
  return join(tmpdir(), `meseta-${createHash("sha256").update(path).digest("hex").slice(0, 16)}.sock`);
}
