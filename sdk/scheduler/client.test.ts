import { decodeUtf8, encodeUtf8 } from "@meseta/api/mesos/codec/utf8.ts";
import type { Call, Event } from "@meseta/api/mesos/generated/scheduler.ts";
import type { CallAnswer, Loss, Subscriber, Transport } from "@meseta/lib/core/ports/transport.ts";
import { expect, test } from "vitest";
import { SchedulerClient } from "./client.ts";

/** A transport of which a test is the other end: it sees the calls and makes the events. */
class Line implements Transport {
  readonly calls: Call[] = [];
  answer: CallAnswer = { status: 202, headers: {}, body: encodeUtf8("") };
  closed = false;
  intervalMs = 0;
  #subscriber: Subscriber | undefined;

  async call(body: Uint8Array): Promise<CallAnswer> {
    this.calls.push(JSON.parse(decodeUtf8(body)));
    return this.answer;
  }
  subscribe(subscriber: Subscriber) {
    this.#subscriber = subscriber;
    return { expectEvery: (ms: number) => void (this.intervalMs = ms), close() {} };
  }
  close(): void {
    this.closed = true;
  }
  subscribeCall(): Call {
    return JSON.parse(decodeUtf8(this.#subscriber!.body()));
  }
  send(event: Event): void {
    this.#subscriber!.event(encodeUtf8(JSON.stringify(event)));
  }
  lose(loss: Partial<Loss> = {}): void {
    this.#subscriber!.lost({ reason: "gone", wasOpen: true, retryInMs: 0, ...loss });
  }
}

const framework = { user: "me", name: "test" };
const subscribed: Event = {
  type: "SUBSCRIBED",
  subscribed: { framework_id: { value: "F" }, heartbeat_interval_seconds: 15 },
};
const update: Event = {
  type: "UPDATE",
  update: { status: { task_id: { value: "t" }, agent_id: { value: "S0" }, state: "TASK_RUNNING", uuid: "dQ==" } },
};

function started(options = {}) {
  const line = new Line();
  const seen: string[] = [];
  const client = new SchedulerClient(line, { framework, ...options });
  client.start({
    event: (event) => seen.push(event.type!),
    disconnected: () => seen.push("lost"),
    ended: (why) => seen.push(`ended: ${why}`),
  });
  return { line, seen, client };
}

test("the id that the master gives is carried by all calls and by later subscriptions", async () => {
  const { line, client } = started();
  expect(line.subscribeCall()).toEqual({ type: "SUBSCRIBE", subscribe: { framework_info: framework } });
  line.send(subscribed);
  expect(client.frameworkId).toEqual({ value: "F" });
  await client.revive(["web"]);
  expect(line.calls).toEqual([{ framework_id: { value: "F" }, type: "REVIVE", revive: { roles: ["web"] } }]);
  line.lose();
  expect(line.subscribeCall()).toMatchObject({
    framework_id: { value: "F" },
    subscribe: { framework_info: { id: { value: "F" } } },
  });
});

test("heartbeats are watched at the master's own interval and kept from the framework", () => {
  const { line, seen } = started();
  line.send(subscribed);
  line.send({ type: "HEARTBEAT" });
  expect(line.intervalMs).toBe(15_000);
  expect(seen).toEqual(["SUBSCRIBED"]);
});

test("updates with a uuid are acknowledged after they were handled, others never", () => {
  const { line } = started();
  line.send(subscribed);
  line.send(update);
  line.send({ type: "UPDATE", update: { status: { ...update.update!.status, uuid: undefined } } });
  expect(line.calls.map(({ type, acknowledge }) => [type, acknowledge?.uuid])).toEqual([["ACKNOWLEDGE", "dQ=="]]);
});

test("a loop acknowledges an update by coming back for the next event", async () => {
  const line = new Line();
  const client = new SchedulerClient(line, { framework });
  const events = client.events();
  const first = events.next();
  line.send(subscribed);
  await first;
  line.send(update);
  await events.next();
  expect(line.calls).toEqual([]);
  const last = events.next();
  line.send({ type: "OFFERS" });
  await last;
  expect(line.calls.map(({ type }) => type)).toEqual(["ACKNOWLEDGE"]);
});

test("without a stream calls are refused here, and a refusal of the master is told", async () => {
  const { line, client } = started();
  await expect(client.suppress()).rejects.toThrow("not subscribed");
  line.send(subscribed);
  line.answer = { status: 403, headers: {}, body: encodeUtf8("Framework is not subscribed") };
  await expect(client.suppress()).rejects.toThrow("403: Framework is not subscribed");
});

test("a framework that is torn down ends its own loop in peace", async () => {
  const line = new Line();
  const client = new SchedulerClient(line, { framework });
  const seen: string[] = [];
  const loop = (async () => {
    for await (const event of client.events()) {
      seen.push(event.type!);
      if (event.type === "SUBSCRIBED") await client.teardown();
    }
  })();
  await Promise.resolve();
  line.send(subscribed);
  await loop;
  expect(seen).toEqual(["SUBSCRIBED"]);
  expect(line.calls.map(({ type }) => type)).toEqual(["TEARDOWN"]);
});

test("an ERROR event and a refused subscription end the session; a lost stream does not", () => {
  const one = started();
  one.line.send(subscribed);
  one.line.lose();
  one.line.send({ type: "ERROR", error: { message: "Framework failed over" } });
  expect(one.seen).toEqual(["SUBSCRIBED", "lost", "ERROR", "ended: Framework failed over"]);
  expect(one.line.closed).toBe(true);
  const two = started();
  two.line.lose({ wasOpen: false, answer: { status: 401, headers: {}, body: encodeUtf8("who?") } });
  expect(two.seen).toEqual(["lost", "ended: the master refuses the subscription with 401: who?"]);
});
