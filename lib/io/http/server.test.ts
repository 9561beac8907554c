import { EventEmitter, once } from "node:events";
import { connect, type Socket } from "node:net";
import { hostname } from "node:os";
import { gzipSync } from "node:zlib";
import { silentLog } from "@meseta/lib/core/ports/log.ts";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { accepted, jsonAnswer, textAnswer } from "./answer.ts";
import { Answers } from "./answers.ts";
import type { Bounds } from "./bounds.ts";
import type { HttpCounts } from "./counts.ts";
import type { EventStream, StreamEnd } from "./event-stream.ts";
import type { Admit, Handler, Request } from "./request.ts";
import { onlyMethods, route } from "./router.ts";
import { type HttpServer, serve } from "./server.ts";

const opened: HttpServer[] = [];

async function start(handler: Handler, bounds: Partial<Bounds> = {}, admit?: Admit): Promise<HttpServer> {
  const server = await serve({ host: "127.0.0.1", port: 0, handler, bounds, admit, log: silentLog });
  opened.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close()));
});

/** Sends bytes as they are and gives all that comes back until the server closes, or until `until` has come. */
async function raw(server: HttpServer, bytes: string | Uint8Array, until?: string): Promise<string> {
  const socket = connect(server.port, "127.0.0.1");
  let received = "";
  socket.on("error", () => {});
  const done = new Promise<void>((resolve) => {
    socket.on("close", () => resolve());
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      if (until !== undefined && received.includes(until)) resolve();
    });
  });
  socket.write(bytes);
  if (until === undefined) socket.end();
  await done;
  socket.destroy();
  return received;
}

const seen: Handler = ({ method, path, query, body }) =>
  jsonAnswer({ method, path, query: Object.fromEntries(query), body: Buffer.from(body).toString() });

test("a request reaches its handler whole", async () => {
  const server = await start(seen);
  const response = await fetch(`${server.url}/files/read?path=%2Fa%20b&offset=-1`, { method: "POST", body: "hello" });
  expect(await response.json()).toEqual({
    method: "POST",
    path: "/files/read",
    query: { path: "/a b", offset: "-1" },
    body: "hello",
  });
});

test("on loopback it answers to no name that is not its own, so that no page of another site can take it for its own", async () => {
  const options = { host: "127.0.0.1", port: 0, handler: () => textAnswer(200, "yes"), log: silentLog };
  const server = await serve({ ...options, hostNames: ["init.example"] });
  opened.push(server);
  const asked = (host: string) => raw(server, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  for (const host of ["init.example:8080", "localhost", "127.0.0.1", hostname()])
    expect(await asked(host), host).toContain("200 OK");
  const refused = await asked("evil.example");
  expect(refused).toContain("421 Misdirected Request");
  expect(refused).toContain(`Nobody here is called "evil.example"`);
  expect(refused).toContain("--host-names");
});

test("in a network it is called by whatever name it has there", async () => {
  const server = await serve({ host: "0.0.0.0", port: 0, handler: () => textAnswer(200, "yes"), log: silentLog });
  opened.push(server);
  expect(await raw(server, "GET / HTTP/1.1\r\nHost: web.example\r\nConnection: close\r\n\r\n")).toContain("200 OK");
});

test("paths are decoded, and slashes too many do not matter", async () => {
  const server = await start(({ path }) => textAnswer(200, path));
  const text = async (path: string) => (await fetch(server.url + path)).text();
  expect(await text("/slave%281%29/state")).toBe("/slave(1)/state");
  expect(await text("//master//state/")).toBe("/master/state");
  expect(await text("/")).toBe("/");
  expect((await fetch(`${server.url}/%ff`)).status).toBe(400);
});

test("a router answers exact paths, subtrees, prefixes, and 404 in Mesos' words", async () => {
  const say =
    (text: string): Handler =>
    (request) =>
      textAnswer(200, `${text} ${request.path}`);
  const routes = { "/": say("root"), "/state": say("state"), "/files/*": say("files"), "/files/read": say("read") };
  const server = await start(route(routes, ["/master", "/slave(1)"]));
  const text = async (path: string) => (await fetch(server.url + path)).text();
  expect(await text("/state")).toBe("state /state");
  expect(await text("/master/state")).toBe("state /state");
  expect(await text("/slave(1)")).toBe("root /");
  expect(await text("/files/browse/x")).toBe("files /files/browse/x");
  expect(await text("/slave(1)/files/read")).toBe("read /files/read");
  expect(await text("/api/v2")).toBe("404 Not Found.");
  expect((await fetch(`${server.url}/masterful`)).status).toBe(404);
});

test("a wrong method is refused in Mesos' words", async () => {
  const server = await start(onlyMethods(["POST"], () => accepted));
  const response = await fetch(server.url);
  expect(response.status).toBe(405);
  expect(response.headers.get("allow")).toBe("POST");
  expect(await response.text()).toBe("405 Method Not Allowed. Expecting one of { 'POST' }, but received 'GET'.");
  const taken = await fetch(server.url, { method: "POST" });
  expect([taken.status, taken.headers.get("content-length"), taken.headers.get("content-type")]).toEqual([
    202,
    "0",
    null,
  ]);
});

test("a body beyond the bound is refused, with or without its length told", async () => {
  const server = await start(seen, { bodyBytes: 1000 });
  const post = (body: string | ReadableStream) =>
    fetch(server.url, { method: "POST", body, duplex: "half" } as RequestInit);
  expect((await post("x".repeat(1000))).status).toBe(200);
  expect((await post("x".repeat(1001))).status).toBe(413);
  const unknownLength = new Blob(["x".repeat(1001)]).stream();
  expect((await post(unknownLength)).status).toBe(413);
  expect(server.counts.met.bodies_too_large).toBe(2);
});

test("bodies together stay within the budget, which is given back", async () => {
  const waiting: (() => void)[] = [];
  const arrived: (() => void)[] = [];
  const handler: Handler = (request, reply) => {
    if (request.path === "/quick") return accepted;
    waiting.push(() => reply.answer(accepted));
    arrived.pop()?.();
    return undefined;
  };
  const server = await start(handler, { bytesInFlight: 1500 });
  const post = (path: string) => fetch(server.url + path, { method: "POST", body: "x".repeat(1000) });
  const held = new Promise<void>((resolve) => arrived.push(resolve));
  const first = post("/slow");
  await held;
  expect(server.counts.now.body_bytes).toBe(1000);
  const refused = await post("/quick");
  expect([refused.status, refused.headers.get("retry-after"), server.counts.met.bodies_refused]).toEqual([503, "1", 1]);
  waiting.pop()?.();
  expect((await first).status).toBe(202);
  expect((await post("/quick")).status).toBe(202);
});

test("a stream holds nothing of the budget while it is open: an agent's link lasts for weeks", async () => {
  const server = await start((_, reply) => void reply.open(), { bytesInFlight: 1500 });
  for (let i = 0; i < 3; i++) {
    const socket = connect(server.port, "127.0.0.1");
    socket.write(`POST / HTTP/1.1\r\nContent-Length: 1000\r\n\r\n${"x".repeat(1000)}`);
    expect(String((await once(socket, "data"))[0])).toContain("200 OK");
  }
  expect([server.counts.now.streams, server.counts.now.body_bytes]).toEqual([3, 0]);
});

test("a gzip body is inflated, a bomb and a broken one are refused", async () => {
  const server = await start(seen, { bodyBytes: 10_000 });
  const post = async (body: Uint8Array<ArrayBuffer>, encoding = "gzip") =>
    fetch(server.url, { method: "POST", body, headers: { "Content-Encoding": encoding } });
  expect(await (await post(new Uint8Array(gzipSync("hello")))).json()).toMatchObject({ body: "hello" });
  expect((await post(new Uint8Array(gzipSync("x".repeat(100_000))))).status).toBe(413);
  expect((await post(Uint8Array.of(1, 2, 3))).status).toBe(400);
  expect((await post(Uint8Array.of(1, 2, 3), "br")).status).toBe(415);
});

test("a body that does not arrive is given up", async () => {
  const server = await start(seen, { bodyTimeoutMs: 20 });
  expect(await raw(server, "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhe", "in time")).toContain(
    "408 Request Timeout",
  );
  expect(server.counts.met.bodies_late).toBe(1);
});

test("headers that do not arrive are given up", async () => {
  const server = await start(seen, { headersTimeoutMs: 20 });
  expect(await raw(server, "GET / HTTP/1.1\r\nX: ", "Timeout.")).toContain("408 Request Timeout");
  expect(server.counts.met.heads_late).toBe(1);
});

test.each([
  ["noise", "\x00\x01\x02 garbage\r\n\r\n", "400 Bad Request"],
  ["a TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "400 Bad Request"],
  ["two lengths", "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "400 Bad Request"],
  [
    "a length and chunks",
    "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "400 Bad Request",
  ],
  ["a broken chunk", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400 Bad Request"],
  ["too many headers", `GET / HTTP/1.1\r\n${"X: y\r\n".repeat(101)}\r\n`, "431 Request Header"],
  ["too long headers", `GET / HTTP/1.1\r\nX: ${"x".repeat(20_000)}\r\n\r\n`, "431 Request Header"],
])("%s is refused and harms nobody", async (_, bytes, status) => {
  const server = await start(seen);
  expect(await raw(server, Buffer.from(bytes, "latin1"))).toContain(status);
  expect(server.counts.met.heads_malformed + server.counts.met.heads_too_large).toBe(1);
  expect((await fetch(server.url)).status).toBe(200);
});

test("whatever bytes come, the server lives", async () => {
  const server = await start(seen);
  const line = fc.constantFrom(
    "GET / HTTP/1.1\r\n",
    "POST /a HTTP/1.0\r\n",
    "Content-Length: 3\r\n",
    "Transfer-Encoding: chunked\r\n",
    "\r\n",
    "3\r\nabc\r\n",
  );
  const bytes = fc
    .array(fc.oneof(line, fc.string({ unit: "binary", maxLength: 20 })), { minLength: 1, maxLength: 8 })
    .map((parts) => parts.join(""));
  await fc.assert(
    fc.asyncProperty(bytes, async (text) => void (await raw(server, text))),
    { numRuns: 100 },
  );
  expect((await fetch(server.url)).status).toBe(200);
});

test("a handler that throws costs its own request only", async () => {
  const server = await start(() => {
    throw new Error("a bug");
  });
  expect(await (await fetch(server.url)).text()).toBe("500 Internal Server Error.");
});

test("nobody who is refused reaches a handler, nor is his body read", async () => {
  const reached: Request[] = [];
  const admit: Admit = ({ headers }) =>
    headers.authorization === undefined
      ? { refusal: textAnswer(401, "who are you?", { "WWW-Authenticate": "Basic" }) }
      : { principal: "ops" };
  const handler: Handler = (request) => {
    reached.push(request);
    return accepted;
  };
  const server = await start(handler, {}, admit);
  const refused = await fetch(server.url, { method: "POST", body: "x".repeat(100_000) });
  expect([refused.status, refused.headers.get("www-authenticate"), reached.length]).toEqual([401, "Basic", 0]);
  await fetch(server.url, { headers: { Authorization: "Basic x" } });
  expect(reached[0]?.principal).toBe("ops");
});

test("each write to a stream is one chunk, and an end is a clean end", async () => {
  const server = await start((_, reply) => {
    const stream = reply.open({ "Content-Type": "application/json" });
    stream.write("2\n{}");
    stream.write("3\n[1]");
    stream.end();
    expect(stream.write("late")).toBe(false);
    return undefined;
  });
  const received = await raw(server, "POST / HTTP/1.1\r\n\r\n", "\r\n0\r\n\r\n");
  expect(received).toMatch(/^HTTP\/1.1 200 OK\r\nContent-Type: application\/json\r\n/);
  expect(received.slice(received.indexOf("\r\n\r\n") + 4)).toBe("4\r\n2\n{}\r\n5\r\n3\n[1]\r\n0\r\n\r\n");
});

test("a reader who leaves is noticed", async () => {
  let socket: Socket | undefined;
  const end = await new Promise<StreamEnd>((resolve) => {
    start((_, reply) => {
      reply.open().onClose(resolve);
      socket?.destroy();
      return undefined;
    }).then((server) => {
      socket = connect(server.port, "127.0.0.1");
      socket.write("POST / HTTP/1.1\r\n\r\n");
    });
  });
  expect(end).toBe("left");
});

test("a reader who is too slow is cut off when more than the bound waits", async () => {
  let socket: Socket | undefined;
  let counts: HttpCounts | undefined;
  const chunk = new Uint8Array(64 * 1024);
  let waited = 0;
  const end = await new Promise<StreamEnd>((resolve) => {
    start(
      (_, reply) => {
        const stream = reply.open();
        stream.onClose(resolve);
        for (let i = 0; i < 1000 && stream.write(chunk); i++) waited = Math.max(waited, stream.waiting);
        return undefined;
      },
      { streamBytes: 1024 * 1024 },
    ).then((server) => {
      ({ counts } = server);
      socket = connect(server.port, "127.0.0.1");
      socket.pause();
      socket.on("error", () => {});
      socket.write("POST / HTTP/1.1\r\n\r\n");
    });
  });
  socket?.destroy();
  expect(end).toBe("slow");
  expect([counts?.met.slow_readers_cut_off, counts?.now.streams]).toEqual([1, 0]);
  expect(waited).toBeLessThan(2 * 1024 * 1024);
});

test("of many who read nothing those for whom the most waits are cut off, when too much waits for all", async () => {
  const MiB = 1024 * 1024;
  const streams: EventStream[] = [];
  const server = await start((_, reply) => void streams.push(reply.open()), { allStreamsBytes: 16 * MiB });
  const sockets = Array.from({ length: 4 }, () => connect(server.port, "127.0.0.1"));
  for (const socket of sockets) {
    socket.on("error", () => {});
    socket.pause();
    socket.write("GET / HTTP/1.1\r\n\r\n");
  }
  await expect.poll(() => streams.length).toBe(4);
  for (let i = 0; i < 20; i++)
    for (const [at, stream] of streams.entries()) stream.write(new Uint8Array((at + 1) * 256 * 1024));
  expect(streams.at(-1)!.closed).toBe(true);
  expect(streams[0]!.closed).toBe(false);
  expect(streams.reduce((sum, { closed, waiting }) => sum + (closed ? 0 : waiting), 0)).toBeLessThan(18 * MiB);
  expect(server.counts.met.slow_readers_cut_off).toBe(streams.filter(({ closed }) => closed).length);
  for (const socket of sockets) socket.destroy();
});

test("a burst is no fault of its reader's, but much that waits for long is", async () => {
  const opened: { stream: EventStream; end: Promise<StreamEnd> }[] = [];
  const handler: Handler = (_, reply) => {
    const stream = reply.open();
    opened.push({ stream, end: new Promise((resolve) => stream.onClose(resolve)) });
    for (let i = 0; i < 100; i++) stream.write(new Uint8Array(64 * 1024));
    stream.end();
  };
  const server = await start(handler, { streamSlowBytes: 1024 * 1024, streamSlowMs: 60_000 });
  expect((await (await fetch(server.url)).arrayBuffer()).byteLength).toBe(100 * 64 * 1024);
  const strict = await start(handler, { streamSlowBytes: 1024 * 1024, streamSlowMs: -1 });
  await expect(fetch(strict.url).then((answer) => answer.arrayBuffer())).rejects.toThrow();
  expect(await Promise.all(opened.map(({ end }) => end))).toEqual(["ended", "slow"]);
});

test("a large answer is made piece by piece, and only as fast as it is taken", async () => {
  const made: number[] = [];
  function* pieces(reader: number) {
    for (made[reader] = 0; made[reader] < 200; made[reader]++) yield new Uint8Array(64 * 1024);
  }
  const closed = Promise.withResolvers<void>();
  const handler: Handler = ({ path }, reply) => {
    if (path === "/1") reply.onGone(closed.resolve);
    return { status: 200, pieces: pieces(Number(path.slice(1))) };
  };
  const patient = await start(handler);
  expect((await (await fetch(`${patient.url}/0`)).arrayBuffer()).byteLength).toBe(200 * 64 * 1024);
  const server = await start(handler, { stallTimeoutMs: 50 });
  const socket = connect(server.port, "127.0.0.1");
  socket.on("error", () => {});
  socket.pause();
  socket.write("GET /1 HTTP/1.1\r\n\r\n");
  // Nobody reads: the server stops making pieces, and in the end cuts the reader off.
  await closed.promise;
  socket.destroy();
  expect(made[1]).toBeLessThan(200);
  expect(server.counts.met.stalled_readers_cut_off).toBe(1);
});

test("who wants a way to others is told that there is none, whatever it sends along", async () => {
  const server = await start(seen);
  for (const rest of ["\r\n", "Content-Length: 3\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nab"])
    expect(await raw(server, `CONNECT a:1 HTTP/1.1\r\nHost: a\r\n${rest}`)).toMatch(/^HTTP\/1.1 405 /);
  expect((await fetch(server.url)).status).toBe(200);
});

test("with its connection each request is over, also those behind a stream when it is a CONNECT that ends it", async () => {
  const [open, gone] = [new EventEmitter(), new EventEmitter()];
  const server = await start(({ path }, reply) => {
    reply.onGone(() => gone.emit(path));
    reply.open();
    open.emit(path);
  });
  const socket = connect(server.port, "127.0.0.1");
  const post = (path: string) => `POST ${path} HTTP/1.1\r\nContent-Length: 1\r\n\r\nx`;
  const all = [once(open, "/1"), once(open, "/2")];
  socket.write(post("/1") + post("/2"));
  await Promise.all(all);
  const over = [once(gone, "/1"), once(gone, "/2")];
  socket.write("CONNECT a:1 HTTP/1.1\r\n\r\n");
  await Promise.all(over);
  expect(server.counts.now.streams).toBe(0);
});

test("connections beyond the bound are closed, and counted", async () => {
  const server = await start(seen, { connections: 1 });
  const first = connect(server.port, "127.0.0.1");
  await once(first, "connect");
  // It is answered, so the server has taken it.
  first.write("GET / HTTP/1.1\r\n\r\n");
  await once(first, "data");
  const second = connect(server.port, "127.0.0.1");
  second.on("error", () => {});
  await once(second, "close");
  expect([server.counts.now.connections, server.counts.met.connections_refused]).toEqual([1, 1]);
  first.destroy();
});

test("a body of records comes in as it is sent", async () => {
  const server = await start(async ({ incoming, body }) => {
    let text = "";
    for await (const chunk of incoming ?? []) text += Buffer.from(chunk).toString();
    return textAnswer(200, `${body.length} ${text}`);
  });
  const headers = { "Content-Type": "application/recordio" };
  expect(await (await fetch(server.url, { method: "POST", headers, body: "5\nhello" })).text()).toBe("0 5\nhello");
});

test("an IPv6 address is served, and a taken port is an error", async () => {
  const server = await serve({ host: "::1", port: 0, handler: seen, log: silentLog });
  opened.push(server);
  expect(server.url).toBe(`http://[::1]:${server.port}`);
  expect((await fetch(server.url)).status).toBe(200);
  await expect(serve({ host: "::1", port: server.port, handler: seen, log: silentLog })).rejects.toThrow("EADDRINUSE");
});

test("a handler may answer before it has read a stream of records, and the rest of it does no harm", async () => {
  const server = await start(async ({ incoming }) => {
    for await (const chunk of incoming!) return textAnswer(409, `enough after ${chunk.length > 0}`);
    return undefined;
  });
  const head = "POST / HTTP/1.1\r\nContent-Type: application/recordio\r\nTransfer-Encoding: chunked\r\n\r\n";
  const answer = await raw(
    server,
    `${head}5\r\nhello\r\n5\r\nthere\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n`,
    "HTTP/1.1 500",
  );
  expect(answer).toContain("409");
  expect(answer).toContain("enough after true");
});

test("an early answer is not lost on a peer that goes on writing: it is hung up on when it has written all", async () => {
  const server = await start(async ({ incoming }) => {
    for await (const _ of incoming ?? []) return textAnswer(400, "enough");
    return accepted;
  });
  const socket = connect({ port: server.port, host: "127.0.0.1", allowHalfOpen: true });
  const [answered, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const told: string[] = [];
  socket.on("data", (bytes) => void (String(bytes).includes("enough") && answered.resolve()));
  socket.on("end", () => ended.resolve(void told.push("hung up"))).on("error", ended.reject);
  const head = "Content-Type: application/recordio\r\nTransfer-Encoding: chunked\r\nConnection: close";
  socket.write(`POST / HTTP/1.1\r\n${head}\r\n\r\n5\r\nhello\r\n`);
  await answered.promise;
  // What the server did at its answer has arrived before this one.
  expect((await fetch(server.url)).status).toBe(202);
  told.push("wrote all");
  socket.end("5\r\nthere\r\n0\r\n\r\n");
  await ended.promise;
  expect(told).toEqual(["wrote all", "hung up"]);
});

test("a peer that goes away in the middle of a stream of records is told to its reader", async () => {
  const [begun, told] = [Promise.withResolvers<void>(), Promise.withResolvers<string>()];
  const server = await start(async ({ incoming }) => {
    try {
      for await (const _ of incoming!) begun.resolve();
    } catch (error) {
      told.resolve((error as Error).message);
    }
    return undefined;
  });
  const socket = connect(server.port, "127.0.0.1");
  socket.write(
    "POST / HTTP/1.1\r\nContent-Type: application/recordio\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
  );
  await begun.promise;
  socket.destroy();
  expect(await told.promise).toBe("the peer went away in the middle of its request");
});

test("of the requests that one connection sends behind one that waits only so many wait with it, and it goes on when that one is answered", async () => {
  const waiting: (() => void)[] = [];
  const server = await start(
    ({ path }, reply) => {
      if (path === "/wait") waiting.push(() => reply.answer(textAnswer(200, "waited")));
      return path === "/wait" ? undefined : textAnswer(200, "at once");
    },
    { requestsPerConnection: 3 },
  );
  const ask = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  const socket = connect(server.port, "127.0.0.1");
  const answers = new Answers();
  const got: number[] = [];
  const changed = () => once(socket, "data").then(([chunk]) => got.push(...statuses(answers, chunk as Uint8Array)));
  socket.write(ask("/wait") + ask("/x").repeat(4));
  await expect.poll(() => server.counts.met.requests_refused).toBe(2);
  waiting[0]!();
  while (got.length < 5) await changed();
  expect(got).toEqual([200, 200, 200, 503, 503]);
  socket.write(ask("/x").repeat(3));
  while (got.length < 8) await changed();
  expect(got.slice(5)).toEqual([200, 200, 200]);
  socket.destroy();
});

const statuses = (answers: Answers, chunk: Uint8Array) => answers.push(chunk).map(({ status }) => status);

test("who asks for what is large and reads none of it is cut off", async () => {
  const large = "x".repeat(32 * 1024 * 1024);
  const server = await start(() => textAnswer(200, large), { stallTimeoutMs: 200 });
  const ask = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const deaf = connect(server.port, "127.0.0.1");
  deaf.pause();
  deaf.write(ask);
  await expect.poll(() => server.counts.met.stalled_readers_cut_off).toBe(1);
  await expect.poll(() => server.counts.now.connections).toBe(0);
  deaf.destroy();
});
