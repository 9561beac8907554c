import { connect, type Socket } from "node:net";
import { silentLog } from "@meseta/lib/core/ports/log.ts";
import { type HttpServer, serve } from "@meseta/lib/io/http/server.ts";
import { afterEach, expect, it } from "vitest";
import { Readers } from "./readers.ts";

const open: (HttpServer | Socket)[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) {
    if ("destroy" in one) one.destroy();
    else await one.close();
  }
});

interface Notice {
  readonly id: string;
  readonly type: string;
  readonly data: Record<string, unknown>;
}

/** A server of nothing but events, whose clock the test sets. */
class Stand {
  now = Date.UTC(2026, 0, 5, 10);
  readonly readers = new Readers({ mostOutstanding: 1024, life: "life", nowMs: () => this.now });
  server!: HttpServer;

  static async open(): Promise<Stand> {
    const stand = new Stand();
    stand.server = await serve({
      host: "127.0.0.1",
      port: 0,
      log: silentLog,
      handler: ({ query, headers, peer }, reply) => {
        const lastId = headers["last-event-id"]?.toString();
        stand.readers.join(reply, { peer, types: query.getAll("type"), lastId }, { "X-Mine": "1" });
        return undefined;
      },
    });
    open.push(stand.server);
    return stand;
  }

  publish(eventType: string, fields: object = {}): void {
    this.readers.publish({ eventType, ...fields }, this.now);
  }

  connect(query = "", headers = ""): Socket {
    const socket = connect(this.server.port, "127.0.0.1").on("error", () => {});
    socket.write(`GET /?${query} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`);
    open.push(socket);
    return socket;
  }

  /** A client that reads; it is attached when this resolves. */
  async client(query = "", headers = ""): Promise<Client> {
    const client = new Client(this.connect(query, headers));
    await client.until((notices) => notices.length > 0);
    return client;
  }

  async sizeIs(size: number): Promise<void> {
    while (this.readers.size !== size) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Gathers what comes, without the frames of HTTP. */
class Client {
  head = "";
  readonly notices: Notice[] = [];
  readonly socket: Socket;
  #rest = "";
  #waiting: () => void = () => {};

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (data) => this.#take(data.toString()));
  }

  async until(enough: (notices: readonly Notice[]) => boolean): Promise<readonly Notice[]> {
    while (!enough(this.notices)) await new Promise<void>((resolve) => (this.#waiting = resolve));
    return this.notices;
  }

  async types(count: number): Promise<string[]> {
    return (await this.until(({ length }) => length >= count)).map(({ type }) => type);
  }

  #take(text: string): void {
    const parts = (this.#rest + text).split("\n\n");
    this.#rest = parts.pop()!;
    for (const part of parts) {
      const [, id, type, data] = /id: (.*)\nevent: (.*)\ndata: (.*)$/.exec(part) ?? [];
      if (this.head === "") this.head = part;
      if (data !== undefined) this.notices.push({ id: id!, type: type!, data: JSON.parse(data) });
    }
    this.#waiting();
  }
}

it("a reader is told first that it is attached, and then what happens, with type and time in each", async () => {
  const stand = await Stand.open();
  const client = await stand.client();
  stand.publish("app_terminated_event", { appId: "/a" });
  const [attached, ended] = await client.until(({ length }) => length >= 2);
  expect(client.head).toMatch(/^HTTP\/1.1 200 OK\r\nX-Mine: 1\r\nContent-Type: text\/event-stream;charset=utf-8\r\n/);
  expect(attached).toMatchObject({ type: "event_stream_attached", data: { remoteAddress: "127.0.0.1" } });
  expect(ended).toEqual({
    id: "life-1",
    type: "app_terminated_event",
    data: { appId: "/a", eventType: "app_terminated_event", timestamp: "2026-01-05T10:00:00.000Z" },
  });
});

it("other readers hear of those who come and go", async () => {
  const stand = await Stand.open();
  const first = await stand.client();
  const second = await stand.client();
  second.socket.destroy();
  expect(await first.types(3)).toEqual(["event_stream_attached", "event_stream_attached", "event_stream_detached"]);
});

it("a reader that names types gets those, after the news that it is attached", async () => {
  const stand = await Stand.open();
  const client = await stand.client("type=a&type=b");
  for (const type of ["x", "a", "event_stream_attached", "b"]) stand.publish(type);
  expect(await client.types(3)).toEqual(["event_stream_attached", "a", "b"]);
});

it("a reader that comes again with its last id gets what it missed, and each once", async () => {
  const stand = await Stand.open();
  stand.publish("a");
  stand.publish("b");
  stand.publish("c");
  const client = await stand.client("", "Last-Event-ID: life-0\r\n");
  stand.publish("d");
  expect(await client.types(4)).toEqual(["event_stream_attached", "b", "c", "d"]);
});

it("an id of another life, or of none, is as good as none", async () => {
  const stand = await Stand.open();
  stand.publish("a");
  for (const id of ["old-0", "life-", "0", "life--1"]) {
    const client = await stand.client("type=a", `Last-Event-ID: ${id}\r\n`);
    stand.publish("a", { after: id });
    expect((await client.until(({ length }) => length >= 2))[1]?.data).toMatchObject({ after: id });
  }
});

it("a burst far beyond the bound reaches whoever reads", async () => {
  const stand = await Stand.open();
  const client = await stand.client("type=a");
  for (let i = 0; i < 6000; i++) stand.publish("a", { i, pad: "x".repeat(200) });
  const notices = await client.until(({ length }) => length >= 6001);
  expect(notices.slice(1).map(({ data }) => data["i"])).toEqual(Array.from({ length: 6000 }, (_, i) => i));
});

it("a reader that takes nothing is cut off, and the others are not", async () => {
  const stand = await Stand.open();
  const client = await stand.client("type=end");
  const slow = stand.connect("type=a").pause();
  await stand.sizeIs(2);
  const pad = "x".repeat(10_000);
  for (let i = 0; i < 3000; i++) {
    stand.publish("a", { pad });
    if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await new Promise((resolve) => setImmediate(resolve));
  expect(stand.readers.size).toBe(2);
  stand.now += 5000;
  stand.publish("end");
  await stand.sizeIs(1);
  expect(await client.types(2)).toEqual(["event_stream_attached", "end"]);
  slow.resume();
  await new Promise((resolve) => slow.once("close", resolve));
});

it("all streams end cleanly when init does", async () => {
  const stand = await Stand.open();
  const client = await stand.client("", "Connection: close\r\n");
  const closed = new Promise((resolve) => client.socket.once("end", resolve));
  stand.publish("last");
  await client.types(2);
  stand.readers.closeAll();
  await closed;
  expect(stand.readers.size).toBe(0);
});
