// A process for one pull: reads a PullRequest on stdin, talks with the agent over the socket in the images' folder, prints a PullAnswer. It ends
// when the agent does: what has arrived by then is gone on with later.
import { closeSync, openSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { ImageFailed, sentenceOf } from "./failure.ts";
import { hear, type Said, say, type Told } from "./line.ts";
import { openSource } from "./open-source.ts";
import { pull, type Talk } from "./pull.ts";
import type { PullAnswer, PullRequest } from "./request.ts";
import { realPause } from "./retry.ts";

/** Bytes are told of so often at most. */
const PROGRESS_EVERY_MS = 500;

async function main(): Promise<void> {
  process.umask(0);
  const request: PullRequest = JSON.parse(await text(process.stdin));
  const socket = await dial(request.dir);
  socket.on("close", () => process.exit(3));
  const answer = await carryOut(request, new Line(socket, request.id));
  process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0));
}

async function carryOut(request: PullRequest, talk: Talk): Promise<PullAnswer> {
  try {
    const source = await openSource(request);
    try {
      return { pulled: await pull(source, { ...request, pause: realPause, talk }) };
    } finally {
      await source.close();
    }
  } catch (error) {
    return { failed: sentenceOf(error), slow: error instanceof ImageFailed && error.slow };
  }
}

// A socket's name holds 107 bytes; through a descriptor of the folder any path fits.
async function dial(dir: string): Promise<Socket> {
  const folder = openSync(dir, "r");
  try {
    return await new Promise((resolve, reject) => {
      const socket = connect(`/proc/self/fd/${folder}/pull.sock`, () => resolve(socket)).once("error", reject);
    });
  } finally {
    closeSync(folder);
  }
}

class Line implements Talk {
  readonly #socket: Socket;
  readonly #waiting: { what: string; go: () => void }[] = [];
  readonly #turns = new Map<string, AbortController>();
  #toldAtMs = 0;

  constructor(socket: Socket, id: string) {
    this.#socket = socket;
    hear<Told>(socket, (told) => {
      if ("go" in told) this.#granted(told.go);
      else this.#turns.get(told.yield)?.abort(new Error("others want it too"));
    });
    this.#say({ pull: id });
  }

  wants(diffIds: readonly string[]): Promise<void> {
    return this.#ask("wants", { wants: diffIds });
  }

  async turn(blob: string): Promise<AbortSignal> {
    await this.#ask(blob, { need: blob });
    const turn = new AbortController();
    this.#turns.set(blob, turn);
    return turn.signal;
  }

  done(blob: string): void {
    this.#turns.delete(blob);
    this.#say({ done: blob });
  }

  progress(bytes: number, of: number): void {
    if (performance.now() - this.#toldAtMs < PROGRESS_EVERY_MS && bytes < of) return;
    this.#toldAtMs = performance.now();
    this.#say({ bytes, of });
  }

  #ask(what: string, message: Said): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ what, go: resolve });
      this.#say(message);
    });
  }

  #granted(what: string): void {
    const index = this.#waiting.findIndex((one) => one.what === what);
    if (index >= 0) this.#waiting.splice(index, 1)[0]!.go();
  }

  #say(message: Said): void {
    say(this.#socket, message);
  }
}

await main();
