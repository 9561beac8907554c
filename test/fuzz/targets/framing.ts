import { once as next } from "node:events";
import { connect, type Socket } from "node:net";
import { silentLog } from "@meseta/lib/core/ports/log.ts";
import { type HttpServer, serve } from "@meseta/lib/io/http/server.ts";
import type { Bench, Target } from "../bench.ts";
import { drawSending } from "../grammar/framing.ts";
import type { Outcome } from "../play.ts";
import type { Sending } from "../step.ts";
import type { VirtualTime } from "../virtual-time.ts";
import { MASTER } from "./master.ts";

const HEALTH: Sending = {
  do: "send",
  parts: ["GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"],
  ends: "end",
};

/** HTTP itself: bytes on connections to the server that all daemons have, a master behind it. */
export const FRAMING: Target = {
  name: "framing",
  open: (time) => FramingBench.open(time),
  setting: [HEALTH],
  draw: drawSending,
  alive: MASTER.alive,
  lively: HEALTH,
  mayWait: () => false,
  mayFail: () => false,
};

/** An answer that takes longer, to a client that has said all, is none. */
const MOST_MS = 2_000;
/** A process that gets no processor looks seldom, and its server did as little as it did: it must have looked so often as well. */
const FEWEST_LOOKS = 500;
/** Whoever waits on an open connection has waited long enough after so long a silence. */
const SILENCE_MS = 4;

const realTimeout = globalThis.setTimeout;
const wait = (ms: number) => new Promise<void>((resolve) => void realTimeout(resolve, ms));

class FramingBench implements Bench {
  readonly misdeeds: string[] = [];
  readonly #master: Bench;
  readonly #server: HttpServer;
  readonly #time: VirtualTime;

  private constructor(master: Bench, server: HttpServer, time: VirtualTime) {
    this.#master = master;
    this.#server = server;
    this.#time = time;
  }

  static async open(time: VirtualTime): Promise<FramingBench> {
    const master = await MASTER.open(time);
    const handler = master.servers["master"]!;
    const server = await serve({
      host: "127.0.0.1",
      port: 0,
      handler,
      log: silentLog,
      bounds: { bodyBytes: 256 * 1024 },
    });
    return new FramingBench(master, server, time);
  }

  get servers() {
    return this.#master.servers;
  }

  get commits(): number {
    return this.#master.commits;
  }

  known() {
    return {};
  }

  picture(): string {
    return this.#master.picture();
  }

  restart(): Promise<void> {
    return this.#master.restart();
  }

  close(): void {
    this.#master.close();
    void this.#server.close();
  }

  /** One connection, from its first byte to its end, and what is held for it afterwards. */
  async send({ parts, ends }: Sending): Promise<Outcome> {
    const client = new Client(this.#server.port);
    await client.opened;
    for (const part of parts) {
      if (part === "") await turned();
      else await client.write(part);
    }
    const isOver = await client.finish(ends);
    const text = client.text;
    client.destroy();
    const problem =
      problemOf(text) ??
      (isOver ? undefined : `hang: the connection did not end in ${MOST_MS} ms`) ??
      (await this.#held());
    const statuses = statusesOf(text);
    return { status: statuses.at(-1) ?? 0, text: statuses.join(" "), problem };
  }

  /** With the client everything that was kept for it goes. */
  async #held(): Promise<string | undefined> {
    const untilMs = performance.now() + MOST_MS;
    const now = () => Object.entries(this.#server.counts.now).filter(([, count]) => count !== 0);
    const isOver = (turn: number) => turn > FEWEST_LOOKS && performance.now() > untilMs;
    for (let turn = 0; now().length > 0 && !isOver(turn); turn++) await (turn < 20 ? turned() : wait(1));
    const left = now();
    await this.#time.pass(1, turned);
    return left.length === 0
      ? undefined
      : `leak: after the client has gone there are ${left.map((pair) => pair.join(" ")).join(", ")}`;
  }
}

/** One connection. */
class Client {
  readonly #socket: Socket;
  readonly opened: Promise<unknown>;
  #chunks: Buffer[] = [];
  #lastMs = performance.now();
  #isClosed = false;

  constructor(port: number) {
    this.#socket = connect({ host: "127.0.0.1", port, noDelay: true, allowHalfOpen: true });
    this.opened = next(this.#socket, "connect").catch(() => {});
    this.#socket.on("error", () => {});
    this.#socket.once("end", () => this.#socket.end());
    this.#socket.once("close", () => (this.#isClosed = true));
    this.#socket.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#lastMs = performance.now();
    });
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString("latin1");
  }

  async write(text: string): Promise<void> {
    this.#socket.write(Buffer.from(text, "latin1"));
    await turned();
  }

  /** False: the server has not ended a connection on which its client has said all. */
  async finish(ends: Sending["ends"]): Promise<boolean> {
    this.#lastMs = performance.now();
    if (ends === "reset") {
      this.#socket.resetAndDestroy();
      return true;
    }
    if (ends === "end") this.#socket.end();
    for (let turn = 0; !this.#isClosed; turn++) {
      const silentMs = performance.now() - this.#lastMs;
      if (ends === "wait" && silentMs > SILENCE_MS) return true;
      // A stream of events goes on although its client says no more.
      if (silentMs > SILENCE_MS && /transfer-encoding: chunked/i.test(this.text) && !this.text.endsWith("0\r\n\r\n"))
        return true;
      if (silentMs > MOST_MS && turn > FEWEST_LOOKS) return false;
      await (turn < 50 ? turned() : wait(1));
    }
    return true;
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

function turned(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function statusesOf(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}

function problemOf(text: string): string | undefined {
  if (text !== "" && !text.startsWith("HTTP/1.1 ")) return `what comes back is no HTTP: ${text.slice(0, 80)}`;
  // Node itself answers so to versions and codings that it does not know.
  const failed = statusesOf(text).find((status) => status >= 500 && status !== 501 && status !== 505);
  return failed === undefined ? undefined : `${failed}: ${text.slice(0, 400)}`;
}
