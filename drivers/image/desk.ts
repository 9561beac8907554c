import { closeSync, openSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { ImageFailed } from "./failure.ts";
import { hear, type Said, say, type Told } from "./line.ts";

/** What a pull that is under way told last. */
export interface Progress {
  readonly bytes: number;
  readonly of: number;
}

/** Who has a blob or layer is asked to let others have it after so long, when there are any. */
const TURN_MS = 60_000;

/**
 * Where the pulls of one agent report, each from its own process. Gives out turns, so that no two of them get the same blob or lay out the
 * same layer at once, and knows which layers they count on. What a pull held is free as soon as its process is gone.
 */
export class Desk {
  readonly #server: Server;
  readonly #heard: (pull: string, progress: Progress) => void;
  /** The ids of pulls by their sockets. */
  readonly #pulls = new Map<Socket, string>();
  readonly #wants = new Map<string, readonly string[]>();
  /** Who works on a blob or a layer's folder, and who waits for it, in order. */
  readonly #turns = new Map<string, Socket[]>();
  readonly #turnMs: number;
  /** Of blobs for which somebody waits: when their turn is over. */
  readonly #bells = new Map<string, NodeJS.Timeout>();

  /** Listens in the images' folder. Rejects when it cannot. */
  static async open(
    dir: string,
    heard: (pull: string, progress: Progress) => void,
    turnMs: number = TURN_MS,
  ): Promise<Desk> {
    const desk = new Desk(heard, turnMs);
    await listen(desk.#server, dir);
    return desk;
  }

  private constructor(heard: (pull: string, progress: Progress) => void, turnMs: number) {
    this.#turnMs = turnMs;
    this.#heard = heard;
    this.#server = createServer((socket) => this.#serve(socket));
    this.#server.unref();
  }

  /** Diff ids that pulls count on, until they are told to have ended. */
  wanted(): Set<string> {
    return new Set([...this.#wants.values()].flat());
  }

  ended(pull: string): void {
    this.#wants.delete(pull);
  }

  close(): void {
    this.#server.close();
    for (const bell of this.#bells.values()) clearTimeout(bell);
    for (const socket of this.#pulls.keys()) socket.destroy();
  }

  #serve(socket: Socket): void {
    this.#pulls.set(socket, "");
    hear<Said>(socket, (message) => this.#take(socket, message));
    socket.on("error", () => {});
    socket.on("close", () => this.#leave(socket));
  }

  #take(socket: Socket, message: Said): void {
    const pull = this.#pulls.get(socket);
    if (pull === undefined) return;
    if ("pull" in message) this.#pulls.set(socket, message.pull);
    else if ("wants" in message) this.#spare(socket, pull, message.wants);
    else if ("need" in message) this.#queue(socket, message.need);
    else if ("done" in message) this.#pass(socket, message.done);
    else this.#heard(pull, message);
  }

  #spare(socket: Socket, pull: string, wants: readonly string[]): void {
    this.#wants.set(pull, wants);
    say<Told>(socket, { go: "wants" });
  }

  #queue(socket: Socket, blob: string): void {
    const waiting = this.#turns.get(blob) ?? [];
    waiting.push(socket);
    this.#turns.set(blob, waiting);
    if (waiting.length === 1) say<Told>(socket, { go: blob });
    else this.#ring(blob);
  }

  // One that drips, or whose registry does, keeps the others waiting no longer than a turn. What has come they go on with.
  #ring(blob: string): void {
    if (this.#bells.has(blob)) return;
    const over = () => {
      this.#bells.delete(blob);
      const [holder, ...others] = this.#turns.get(blob) ?? [];
      if (holder && others.length > 0) say<Told>(holder, { yield: blob });
    };
    this.#bells.set(blob, setTimeout(over, this.#turnMs).unref());
  }

  #begin(blob: string, waiting: readonly Socket[]): void {
    clearTimeout(this.#bells.get(blob));
    this.#bells.delete(blob);
    if (waiting.length > 0) say<Told>(waiting[0]!, { go: blob });
    if (waiting.length > 1) this.#ring(blob);
  }

  #pass(socket: Socket, blob: string): void {
    const waiting = this.#turns.get(blob) ?? [];
    if (waiting[0] !== socket) return;
    waiting.shift();
    if (waiting.length === 0) this.#turns.delete(blob);
    this.#begin(blob, waiting);
  }

  #leave(socket: Socket): void {
    this.#pulls.delete(socket);
    for (const [blob, waiting] of [...this.#turns]) {
      const had = waiting[0] === socket;
      const left = waiting.filter((one) => one !== socket);
      if (left.length === 0) this.#turns.delete(blob);
      else this.#turns.set(blob, left);
      if (had) this.#begin(blob, left);
    }
  }
}

// A socket's name holds 107 bytes; through a descriptor of the folder any path fits.
async function listen(server: Server, dir: string): Promise<void> {
  const folder = openSync(dir, "r");
  const path = `/proc/self/fd/${folder}/pull.sock`;
  try {
    if (await answers(path))
      throw new ImageFailed(`the folder of images ${dir} belongs to another agent, which runs; give each its own`);
    rmSync(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
    });
  } finally {
    closeSync(folder);
  }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}
