import type { MediaType } from "@meseta/api/mesos/codec/read-call.ts";
import type { WireTypes } from "@meseta/api/mesos/generated/wire-types.ts";
import { limitsOf } from "@meseta/lib/core/bound.ts";
import type { Answer } from "@meseta/lib/io/http/answer.ts";
import type { EventStream, StreamEnd } from "@meseta/lib/io/http/event-stream.ts";
import type { Reply } from "@meseta/lib/io/http/request.ts";
import { MASTER_BOUNDS, type MasterLimits } from "../../core/master/bounds.ts";
import type { StreamId } from "../../core/master/event.ts";
import { type Frame, frame } from "../frame.ts";

/** What travels down a stream. */
export type StreamType = "mesos.v1.scheduler.Event" | "meseta.link.Event" | "mesos.v1.master.Event";

interface Entry {
  readonly id: StreamId;
  readonly reply: Reply;
  readonly mediaType: MediaType;
  readonly type: StreamType;
  stream: EventStream | undefined;
  /** While a snapshot is on its way: what is to follow it. */
  held: Held | undefined;
}

interface Held {
  frames: Frame[];
  bytes: number;
  /** Published events that come before the snapshot's moment are in it. */
  published: "in the snapshot" | "after it";
}

/** A snapshot goes out in buffers, waiting for the reader when so much is on its way. */
const AHEAD_BYTES = 1024 * 1024;

/** What may wait before messages are dropped; and behind a snapshot, where a reader for whom more gathers is cut off. */
type StreamLimits = Pick<MasterLimits, "heldBytes" | "droppableBytes">;

/** All long streams of events, by the number under which the core knows them. */
export class Streams {
  /** How many events were lost because their readers were slow. */
  dropped = 0;
  #next: StreamId = 1;
  readonly #entries = new Map<StreamId, Entry>();
  readonly #onClosed: (id: StreamId, end: StreamEnd) => void;
  readonly #limits: StreamLimits;

  /** `onClosed` is told of streams that the peer or its slowness ended, not of those that were closed here. */
  constructor(onClosed: (id: StreamId, end: StreamEnd) => void, limits: StreamLimits = limitsOf(MASTER_BOUNDS)) {
    this.#onClosed = onClosed;
    this.#limits = limits;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** A client asks for a stream; nothing is sent before `open`. */
  add(reply: Reply, mediaType: MediaType, type: StreamType): StreamId {
    const id = this.#next++;
    this.#entries.set(id, { id, reply, mediaType, type, stream: undefined, held: undefined });
    return id;
  }

  open(id: StreamId, headers: Readonly<Record<string, string>>): void {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.stream !== undefined) return;
    entry.stream = entry.reply.open({ ...headers, "Content-Type": entry.mediaType });
    entry.stream.onClose((end) => {
      if (this.#entries.delete(id) && end !== "ended") this.#onClosed(id, end);
    });
  }

  refuse(id: StreamId, answer: Answer): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    if (entry.stream === undefined) entry.reply.answer(answer);
    else entry.stream.end();
  }

  send<T extends StreamType>(id: StreamId, type: T, event: WireTypes[T]): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) this.#write(entry, frame(type, entry.mediaType, event));
  }

  /** The same of what may be lost: dropped while much waits for the reader. */
  sendUnlessSlow<T extends StreamType>(id: StreamId, type: T, event: WireTypes[T]): void {
    if ((this.#entries.get(id)?.stream?.waiting ?? 0) <= this.#limits.droppableBytes) this.send(id, type, event);
    else this.dropped++;
  }

  /** The event to every open stream of operators, encoded once for each type of body. */
  publish(event: WireTypes["mesos.v1.master.Event"]): void {
    const frames = new Map<MediaType, Frame>();
    for (const entry of this.#entries.values()) {
      if (entry.type !== "mesos.v1.master.Event" || entry.stream === undefined) continue;
      if (entry.held?.published === "in the snapshot") continue;
      let encoded = frames.get(entry.mediaType);
      if (encoded === undefined) frames.set(entry.mediaType, (encoded = frame(entry.type, entry.mediaType, event)));
      this.#write(entry, encoded);
    }
  }

  close(id: StreamId): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    // What is held back still follows the snapshot; then the stream ends.
    if (entry.held !== undefined) return void entry.held.frames.push(END);
    this.#entries.delete(id);
    entry.stream?.end();
  }

  closeAll(): void {
    for (const [id, entry] of [...this.#entries]) {
      this.#entries.delete(id);
      if (entry.stream === undefined) entry.reply.answer({ status: 503 });
      else entry.stream.end();
    }
  }

  mediaTypeOf(id: StreamId): MediaType | undefined {
    return this.#entries.get(id)?.mediaType;
  }

  /** From now on what is sent waits for the snapshot, and what is published is in it. */
  holdBack(id: StreamId): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) entry.held = { frames: [], bytes: 0, published: "in the snapshot" };
  }

  /** The snapshot's moment: what is published from now on follows it. */
  captured(id: StreamId): void {
    const held = this.#entries.get(id)?.held;
    if (held !== undefined) held.published = "after it";
  }

  /** Sends the snapshot's record and then all that waited. */
  async release(id: StreamId, record: readonly Uint8Array[], bytes: number): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry?.stream === undefined) return;
    await writeRecord(entry.stream, record, bytes);
    const held = entry.held;
    entry.held = undefined;
    for (const waiting of held?.frames ?? []) {
      if (waiting === END) return this.close(id);
      entry.stream.write(waiting);
    }
  }

  #write(entry: Entry, encoded: Frame): void {
    const { held, stream } = entry;
    if (held === undefined) return void stream?.write(encoded);
    held.frames.push(encoded);
    held.bytes += encoded.length;
    if (held.bytes > this.#limits.heldBytes) this.#cutOff(entry);
  }

  #cutOff({ id, stream }: Entry): void {
    if (!this.#entries.delete(id)) return;
    stream?.cut();
    this.#onClosed(id, "slow");
  }
}

const END = new Uint8Array(0);

/** A small record is one chunk, as every other event is; a large one goes out as fast as the reader takes it. */
async function writeRecord(stream: EventStream, record: readonly Uint8Array[], bytes: number): Promise<void> {
  const parts = [Buffer.from(`${bytes}\n`), ...record];
  if (bytes < AHEAD_BYTES) return void stream.write(Buffer.concat(parts));
  for (const part of parts) {
    if (!stream.write(part)) return;
    if (stream.waiting > AHEAD_BYTES) await stream.drained();
  }
}
