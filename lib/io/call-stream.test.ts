import { silentLog } from "@meseta/lib/core/ports/log.ts";
import type { CallFailed, Loss, Subscriber } from "@meseta/lib/core/ports/transport.ts";
import { encodeRecord } from "@meseta/lib/core/recordio.ts";
import { afterEach, expect, test } from "vitest";
import { CallStream, type CallStreamOptions } from "./call-stream.ts";
import { accepted, textAnswer } from "./http/answer.ts";
import type { EventStream } from "./http/event-stream.ts";
import type { Handler, Request } from "./http/request.ts";
import { serve } from "./http/server.ts";
import { LEADER_WATCH, LeaderWatch } from "./leader-watch.ts";

const closing: { close(): unknown }[] = [];

afterEach(async () => {
  for (const one of closing.splice(0).reverse()) await one.close();
});

async function start(handler: Handler): Promise<string> {
  const server = await serve({ host: "127.0.0.1", port: 0, handler, log: silentLog });
  closing.push(server);
  return server.url;
}

function stream(urls: string[], options: Partial<CallStreamOptions> = {}): CallStream {
  const made = new CallStream({ urls, path: "/api", mediaType: "application/json", random: () => 0, ...options });
  closing.push(made);
  return made;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array) => new TextDecoder().decode(value);
/** A port where nobody listens: 1 is tcpmux, which no machine runs any more. */
const nobody = "http://127.0.0.1:1";

/** Notes what a subscription tells, and lets a test wait for the next note. */
class Notes implements Subscriber {
  readonly all: string[] = [];
  readonly losses: Loss[] = [];
  #subscribes = 0;
  #wakers: (() => void)[] = [];

  body(): Uint8Array {
    return bytes(`subscribe ${++this.#subscribes}`);
  }
  opened(): void {
    this.#note("opened");
  }
  event(record: Uint8Array): void {
    this.#note(text(record));
  }
  lost(loss: Loss): void {
    this.losses.push(loss);
    this.#note("lost");
  }
  async until(note: string): Promise<void> {
    while (!this.all.includes(note)) await new Promise<void>((resolve) => this.#wakers.push(resolve));
  }
  #note(note: string): void {
    this.all.push(note);
    for (const wake of this.#wakers.splice(0)) wake();
  }
}

/** Answers SUBSCRIBE with a stream and other calls with 202, noting them. */
function service(onStream: (events: EventStream, request: Request) => void, calls: Request[] = []): Handler {
  return (request, reply) => {
    if (!text(request.body).startsWith("subscribe")) {
      calls.push(request);
      return accepted;
    }
    onStream(reply.open({ "Mesos-Stream-Id": "s-1" }), request);
    return undefined;
  };
}

test("a call waits while those who stand by still name a leader who is gone", async () => {
  let asked = 0;
  // The first names, twice, one who is gone; then it leads itself.
  const first = await start(() =>
    ++asked <= 2 ? { status: 307, headers: { Location: `${nobody}/api` } } : textAnswer(200, "done"),
  );
  const { status, body } = await stream([first]).call(bytes("a"));
  expect([status, text(body), asked]).toEqual([200, "done", 3]);
});

test("calls that are alike go beside one another, after all others before and before all others after; some go whenever", async () => {
  const arrived: string[] = [];
  const held: (() => void)[] = [];
  const handler: Handler = async (request) => {
    const name = text(request.body);
    arrived.push(name);
    if (name.startsWith("any")) return accepted;
    for (const wake of wakers.splice(0)) wake();
    await new Promise<void>((resolve) => held.push(resolve));
    return accepted;
  };
  const wakers: (() => void)[] = [];
  const until = async (count: number) => {
    while (arrived.filter((name) => !name.startsWith("any")).length < count)
      await new Promise<void>((resolve) => wakers.push(resolve));
  };
  const transport = stream([await start(handler)]);
  const calls = [
    transport.call(bytes("one")),
    transport.call(bytes("a1"), "alike"),
    transport.call(bytes("a2"), "alike"),
    transport.call(bytes("two")),
    transport.call(bytes("a3"), "alike"),
  ];
  await transport.call(bytes("any"), "any");
  await until(1);
  expect(arrived.toSorted()).toEqual(["any", "one"]);
  const release = () => {
    for (const answer of held.splice(0)) answer();
  };
  release();
  await until(3);
  expect(arrived.slice(2).toSorted()).toEqual(["a1", "a2"]);
  release();
  await until(4);
  expect(arrived.slice(4)).toEqual(["two"]);
  release();
  await until(5);
  release();
  expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
});

test("calls arrive in order, and say their type", async () => {
  const calls: Request[] = [];
  const transport = stream([await start(service(() => {}, calls))]);
  const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => transport.call(bytes(`call ${i}`))));
  expect(answers.every(({ status }) => status === 202)).toBe(true);
  expect(calls.map(({ body }) => text(body))).toEqual(Array.from({ length: 50 }, (_, i) => `call ${i}`));
  expect(calls[0]?.headers).toMatchObject({ "content-type": "application/json", accept: "application/json" });
  expect(calls[0]?.path).toBe("/api");
});

test("events come down, and calls carry the stream's id while it is open", async () => {
  const calls: Request[] = [];
  const url = await start(service((events) => void events.write(encodeRecord(bytes("hello"))), calls));
  const transport = stream([url]);
  const notes = new Notes();
  await transport.call(bytes("before"));
  const subscription = transport.subscribe(notes);
  await notes.until("hello");
  await transport.call(bytes("during"));
  subscription.close();
  await transport.call(bytes("after"));
  expect(calls.map(({ headers }) => headers["mesos-stream-id"])).toEqual([undefined, "s-1", undefined]);
  expect(notes.all).toEqual(["opened", "hello"]);
});

test("the leader is followed, by calls and by the stream", async () => {
  const calls: Request[] = [];
  const leader = await start(service((events) => void events.write(encodeRecord(bytes("hello"))), calls));
  const location = `//${new URL(leader).host}/api`;
  const follower = await start(() => textAnswer(307, "", { Location: location }));
  expect((await stream([follower]).call(bytes("call"))).status).toBe(202);
  const notes = new Notes();
  const transport = stream([follower]);
  transport.subscribe(notes);
  await notes.until("hello");
  await transport.call(bytes("second"));
  expect(calls.map(({ body }) => text(body))).toEqual(["call", "second"]);
  expect(notes.all).toEqual(["opened", "hello"]);
});

test("a redirect that goes round is given up", async () => {
  let asked = 0;
  const round = await start(() => {
    asked++;
    return textAnswer(307, "", { Location: "/api" });
  });
  expect((await stream([round]).call(bytes("call"))).status).toBe(307);
  expect(asked).toBe(6);
});

test("servers that are down or do not know a leader are passed over", async () => {
  const confused = await start(() => textAnswer(503, "no leader"));
  const leader = await start(service((events) => void events.write(encodeRecord(bytes("hello")))));
  const transport = stream([nobody, confused, leader]);
  expect((await transport.call(bytes("call"))).status).toBe(202);
  const notes = new Notes();
  stream([nobody, confused, leader]).subscribe(notes);
  await notes.until("hello");
  expect(notes.losses.map(({ retryInMs }) => retryInMs)).toEqual([250, 0]);
});

test("when nobody can be asked, the call says that it was not sent", async () => {
  await expect(stream([nobody, nobody]).call(bytes("call"))).rejects.toMatchObject({
    name: "CallFailed",
    unsent: true,
  });
  const confused = await start(() => textAnswer(503, "no leader"));
  expect((await stream([confused]).call(bytes("call"))).status).toBe(503);
});

test("a call that was sent and not answered is not sent again", async () => {
  const calls: Request[] = [];
  const silent = await start(() => undefined);
  const transport = stream([silent, await start(service(() => {}, calls))], { callTimeoutMs: 20 });
  await expect(transport.call(bytes("call"))).rejects.toMatchObject({ unsent: false });
  expect(calls).toEqual([]);
});

test("a lost stream is opened again with a body of its own", async () => {
  const bodies: string[] = [];
  const url = await start(
    service((events, request) => {
      bodies.push(text(request.body));
      events.write(encodeRecord(bytes(`event ${bodies.length}`)));
      if (bodies.length === 1) events.end();
    }),
  );
  const notes = new Notes();
  stream([url]).subscribe(notes);
  await notes.until("event 2");
  expect(notes.all).toEqual(["opened", "event 1", "lost", "opened", "event 2"]);
  expect(bodies).toEqual(["subscribe 1", "subscribe 2"]);
  expect(notes.losses).toEqual([
    { reason: "the server ended the stream", wasOpen: true, answer: undefined, retryInMs: 250 },
  ]);
});

test("a silent stream counts as lost after five intervals", async () => {
  const notes = new Notes();
  const url = await start(service((events) => void events.write(encodeRecord(bytes("hello")))));
  const subscription = stream([url]).subscribe(notes);
  await notes.until("hello");
  subscription.expectEvery(2);
  await notes.until("lost");
  expect(notes.losses[0]?.reason).toBe("the stream broke: no event within 10 ms");
});

test("when another server leads, the stream goes there, and nobody waits for what the old one was asked", async () => {
  const standing: string[] = [];
  // It stands still: what it is asked, it never answers.
  const old = await start((request, reply) => {
    if (text(request.body).startsWith("subscribe")) reply.open().write(encodeRecord(bytes("from the old one")));
    else standing.push(text(request.body));
    return undefined;
  });
  let leader = { hostname: "127.0.0.1", port: Number(new URL(old).port) };
  const watch = new LeaderWatch(() => ({ leader, isSelf: false }));
  const calls: Request[] = [];
  const next = await start((request, reply) => {
    if (request.path === LEADER_WATCH) return watch.handler(request, reply);
    return service((events) => void events.write(encodeRecord(bytes("from the new one"))), calls)(request, reply);
  });
  const notes = new Notes();
  const transport = stream([old, next]);
  const subscription = transport.subscribe(notes);
  await notes.until("from the old one");
  subscription.ledBy!(leader);
  const failures: boolean[] = [];
  const failed = (error: CallFailed) => failures.push(error.unsent);
  const asked = (["in turn", "any"] as const).map((order) => transport.call(order, order).catch(failed));
  await expect.poll(() => standing.toSorted()).toEqual(["any", "in turn"]);
  leader = { hostname: "127.0.0.1", port: Number(new URL(next).port) };
  await notes.until("from the new one");
  await Promise.all(asked);
  expect(failures).toEqual([false, false]);
  // No jitter is in it here: who was told where to go does not wait.
  expect(notes.losses).toEqual([expect.objectContaining({ reason: "another server leads now", retryInMs: 0 })]);
  expect((await transport.call("later")).status).toBe(202);
  expect(calls.map(({ body }) => text(body))).toEqual(["later"]);
});

test("a server that takes a subscription and says nothing is left for who leads, of whom another one knows", async () => {
  let asked = 0;
  const silent = await start(() => {
    asked++;
    return undefined;
  });
  let leader = { hostname: "127.0.0.1", port: Number(new URL(silent).port) };
  const watch = new LeaderWatch(() => ({ leader, isSelf: false }));
  const next = await start((request, reply) => {
    if (request.path === LEADER_WATCH) return watch.handler(request, reply);
    return service((events) => void events.write(encodeRecord(bytes("from the new one"))))(request, reply);
  });
  const notes = new Notes();
  stream([silent, next]).subscribe(notes);
  await expect.poll(() => asked).toBe(1);
  leader = { hostname: "127.0.0.1", port: Number(new URL(next).port) };
  await notes.until("from the new one");
  expect(notes.losses.map(({ reason, wasOpen }) => [reason, wasOpen])).toEqual([["another server leads now", false]]);
  expect(asked).toBe(1);
});

test("a server that takes a call and says nothing is left for who leads: by what may be asked twice, and not by what may have been done", async () => {
  const asked: string[] = [];
  const silent = await start(({ method, path, body }) => void asked.push(method === "GET" ? path : text(body)));
  const next = await start((request, reply) => {
    if (request.path !== LEADER_WATCH) return textAnswer(200, `${request.method} ${request.path}?${request.query}`);
    const { hostname, port } = new URL(next);
    return new LeaderWatch(() => ({ leader: { hostname, port: Number(port) }, isSelf: true })).handler(request, reply);
  });
  const [reader, writer] = [stream([silent, next], { connections: 2 }), stream([silent, next], { connections: 2 })];
  const [read, page, written] = await Promise.allSettled([
    reader.call("read", "any"),
    reader.page("/explain?framework_id=f"),
    writer.call("write"),
  ]);
  const said = [read, page].map((one) => (one.status === "fulfilled" ? text(one.value.body) : one.reason));
  expect(said).toEqual(["POST /api?", "GET /explain?framework_id=f"]);
  expect(written).toMatchObject({ reason: { unsent: false, message: expect.stringContaining("leads now") } });
  expect((await writer.call("another write")).status).toBe(200);
  expect(asked.toSorted()).toEqual(["/explain", "read", "write"]);
});

test("a page is asked for where the leader is, and without a body", async () => {
  const leader = await start(({ method, path, query, body }) =>
    textAnswer(200, `${method} ${path}?${query} ${body.length}`),
  );
  const follower = await start(({ path }) => textAnswer(307, "", { Location: `//${new URL(leader).host}${path}` }));
  const { body } = await stream([nobody, follower]).page("/explain?framework_id=f");
  expect(text(body)).toBe("GET /explain?framework_id=f 0");
});

test("a stream that is not RecordIO counts as lost", async () => {
  const notes = new Notes();
  stream([await start(service((events) => void events.write("{}")))]).subscribe(notes);
  await notes.until("lost");
  expect(notes.losses[0]?.reason).toContain("malformed RecordIO: byte 123");
});

test("a refusal is handed over, and a close from there ends all attempts", async () => {
  let asked = 0;
  const url = await start(() => {
    asked++;
    return textAnswer(403, "not you");
  });
  const notes = new Notes();
  const transport = stream([url]);
  const subscription = transport.subscribe(
    Object.assign(notes, {
      lost(loss: Loss) {
        subscription.close();
        Notes.prototype.lost.call(notes, loss);
      },
    }),
  );
  await notes.until("lost");
  expect(notes.losses[0]).toMatchObject({ reason: "the server answered 403", wasOpen: false, answer: { status: 403 } });
  expect(text(notes.losses[0]!.answer!.body)).toBe("not you");
  expect(asked).toBe(1);
});
