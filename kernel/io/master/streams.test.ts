import type { EventStream, StreamEnd } from "@meseta/lib/io/http/event-stream.ts";
import type { Reply } from "@meseta/lib/io/http/request.ts";
import { expect, test } from "vitest";
import { Streams } from "./streams.ts";

/** A client that takes all at once. */
class Peer {
  text = "";
  answered: number | undefined;
  closed: StreamEnd | undefined;
  opened: Readonly<Record<string, string>> | undefined;
  #listener: ((end: StreamEnd) => void) | undefined;

  readonly reply = {
    answer: ({ status }: { status: number }) => {
      this.answered = status;
    },
    open: (headers: Readonly<Record<string, string>>) => {
      this.opened = headers;
      return this.stream as unknown as EventStream;
    },
  } as unknown as Reply;

  readonly stream = {
    waiting: 0,
    write: (chunk: Uint8Array) => {
      if (this.closed === undefined) this.text += Buffer.from(chunk).toString();
      return this.closed === undefined;
    },
    end: () => this.leave("ended"),
    cut: () => this.leave("slow"),
    onClose: (listener: (end: StreamEnd) => void) => {
      this.#listener = listener;
    },
    drained: () => Promise.resolve(),
  };

  leave(end: StreamEnd): void {
    this.closed = end;
    this.#listener?.(end);
  }

  get events(): string[] {
    return [...this.text.matchAll(/"type":"(\w+)"/g)].map(([, type]) => type!);
  }
}

const heartbeat = { type: "HEARTBEAT" as const };
const removed = (value: string) => ({ type: "AGENT_REMOVED" as const, agent_removed: { agent_id: { value } } });

function watch(streams: Streams, peer = new Peer()) {
  const id = streams.add(peer.reply, "application/json", "mesos.v1.master.Event");
  streams.open(id, { "Mesos-Stream-Id": "x" });
  return { id, peer };
}

test("a stream opens with its type, and events follow as records", () => {
  const streams = new Streams(() => {});
  const { id, peer } = watch(streams);
  streams.send(id, "mesos.v1.master.Event", heartbeat);
  expect(peer.opened).toEqual({ "Mesos-Stream-Id": "x", "Content-Type": "application/json" });
  expect(peer.text).toBe('20\n{"type":"HEARTBEAT"}');
});

test("the length of a record is that of its bytes, not of its letters", () => {
  const streams = new Streams(() => {});
  const { id, peer } = watch(streams);
  streams.send(id, "mesos.v1.master.Event", removed("ä€😀"));
  const [length, text = ""] = peer.text.split("\n");
  expect([Number(length), text.includes("ä€😀")]).toEqual([Buffer.byteLength(text), true]);
});

test("a refused stream is answered, and forgotten", () => {
  const streams = new Streams(() => {});
  const peer = new Peer();
  streams.refuse(streams.add(peer.reply, "application/json", "mesos.v1.master.Event"), { status: 400 });
  expect([peer.answered, streams.size]).toEqual([400, 0]);
});

test("what is published before a snapshot's moment is in it, what comes later follows it in order", async () => {
  const streams = new Streams(() => {});
  const { id, peer } = watch(streams);
  streams.holdBack(id);
  streams.send(id, "mesos.v1.master.Event", heartbeat);
  streams.publish(removed("before"));
  streams.captured(id);
  streams.publish(removed("after"));
  expect(peer.text).toBe("");
  await streams.release(id, [Buffer.from('{"type":"SUBSCRIBED"}')], 21);
  streams.publish(removed("last"));
  expect(peer.events).toEqual(["SUBSCRIBED", "HEARTBEAT", "AGENT_REMOVED", "AGENT_REMOVED"]);
  expect(peer.text).not.toContain("before");
  expect(peer.text.startsWith('21\n{"type":"SUBSCRIBED"}20\n')).toBe(true);
});

test("a stream that is closed while its snapshot is on the way ends after it", async () => {
  const streams = new Streams(() => {});
  const { id, peer } = watch(streams);
  streams.holdBack(id);
  streams.captured(id);
  streams.publish(removed("a"));
  streams.close(id);
  expect(peer.closed).toBeUndefined();
  await streams.release(id, [Buffer.from("{}")], 2);
  expect([peer.closed, peer.events, streams.size]).toEqual(["ended", ["AGENT_REMOVED"], 0]);
});

test("only streams of operators get what is published", () => {
  const streams = new Streams(() => {});
  const scheduler = new Peer();
  streams.open(streams.add(scheduler.reply, "application/json", "mesos.v1.scheduler.Event"), {});
  const waiting = new Peer();
  streams.add(waiting.reply, "application/json", "mesos.v1.master.Event");
  const { peer } = watch(streams);
  streams.publish(removed("a"));
  expect([scheduler.text, waiting.text, peer.events.length]).toEqual(["", "", 1]);
});

test("a peer that leaves or is too slow is told of, one that was closed here is not", () => {
  const told: [number, StreamEnd][] = [];
  const streams = new Streams((id, end) => told.push([id, end]));
  const [a, b, c] = [watch(streams), watch(streams), watch(streams)];
  a.peer.leave("left");
  b.peer.leave("slow");
  streams.close(c.id);
  expect(told).toEqual([
    [a.id, "left"],
    [b.id, "slow"],
  ]);
  expect(streams.size).toBe(0);
});

test("a reader behind whose snapshot too much gathers is cut off", () => {
  const told: StreamEnd[] = [];
  const streams = new Streams((_, end) => told.push(end));
  const { id, peer } = watch(streams);
  streams.holdBack(id);
  streams.captured(id);
  for (let i = 0; i < 10; i++) streams.publish(removed("x".repeat(1024 * 1024)));
  expect([peer.closed, told]).toEqual(["slow", ["slow"]]);
});

test("what may be lost is dropped for as long as much waits for the reader, and all else is not", () => {
  const streams = new Streams(() => {});
  const { id, peer } = watch(streams);
  peer.stream.waiting = 2 * 1024 * 1024;
  streams.sendUnlessSlow(id, "mesos.v1.master.Event", removed("lost"));
  streams.send(id, "mesos.v1.master.Event", heartbeat);
  peer.stream.waiting = 0;
  streams.sendUnlessSlow(id, "mesos.v1.master.Event", removed("later"));
  expect(peer.events).toEqual(["HEARTBEAT", "AGENT_REMOVED"]);
  expect(streams.dropped).toBe(1);
  expect(peer.text).not.toContain("lost");
});
