import { limitsOf } from "@meseta/lib/core/bound.ts";
import type { EventStream } from "@meseta/lib/io/http/event-stream.ts";
import type { Reply } from "@meseta/lib/io/http/request.ts";
import { INIT_BOUNDS, type InitLimits } from "../core/bounds.ts";
import type { Notice } from "../core/out.ts";
import { type Frame, NoticeLog } from "./notices.ts";

export interface ReaderSettings {
  /** `--event-stream-max-outstanding-messages`: a reader that takes nothing while more than so many wait for it is cut off. */
  readonly mostOutstanding: number;
  /** How many events are kept, and what they may have; and how long a reader has for a burst, which is not its fault. */
  readonly limits?: InitLimits | undefined;
  /** Names this life of the process in the ids of events. */
  readonly life: string;
  nowMs(): number;
}

export interface Joining {
  readonly peer: string;
  /** Only these types; all when there are none. */
  readonly types: readonly string[];
  /** `Last-Event-ID`. */
  readonly lastId?: string | undefined;
}

interface Reader {
  readonly stream: EventStream;
  readonly types: ReadonlySet<string> | undefined;
  /** Readers with the same one read the same. */
  readonly key: string;
  /** The number of the next notice that it gets. */
  next: number;
  /** Its own event_stream_attached, which it got first. */
  readonly own: number;
  /** Since when it takes nothing. */
  blockedMs: number | undefined;
}

interface Chunk {
  readonly bytes: Buffer;
  readonly next: number;
}

/** What may wait in a reader's connection; the rest waits in the log, which all share. */
const AHEAD_BYTES = 64 * 1024;
const HEARTBEAT_MS = 15_000;
const HEARTBEAT = ":\n\n";

/** The readers of `/v2/events`. Each notice is written once, and each reader takes it as fast as it can. Source: Marathon's event stream, the WHATWG's server-sent events. */
export class Readers {
  readonly #log: NoticeLog;
  readonly #settings: ReaderSettings;
  readonly #stallMs: number;
  readonly #readers = new Set<Reader>();
  readonly #chunks = new Map<string, Chunk>();
  #isFlushing = false;
  #heartbeats: NodeJS.Timeout | undefined;

  constructor(settings: ReaderSettings) {
    this.#settings = settings;
    const { eventLog, eventLogLength, eventStallMs } = settings.limits ?? limitsOf(INIT_BOUNDS);
    this.#log = new NoticeLog(settings.life, Math.max(eventLog, 2 * settings.mostOutstanding), eventLogLength);
    this.#stallMs = eventStallMs;
  }

  get size(): number {
    return this.#readers.size;
  }

  /** To all readers, soon: those of one turn go out together. */
  publish(notice: Notice, atMs: number): void {
    this.#log.add(notice, atMs);
    if (this.#isFlushing || this.#readers.size === 0) return;
    this.#isFlushing = true;
    setImmediate(() => this.#flush());
  }

  /** A new reader: it is told first that it is attached, then what came after its last id as far as that is kept, then what comes. */
  join(reply: Reply, { peer, types, lastId }: Joining, headers: Readonly<Record<string, string>>): void {
    const stream = reply.open({ ...headers, "Content-Type": "text/event-stream;charset=utf-8" });
    if (stream.closed) return;
    const since = this.#log.after(lastId);
    this.publish({ eventType: "event_stream_attached", remoteAddress: peer }, this.#settings.nowMs());
    const own = this.#log.end - 1;
    const reader: Reader = {
      stream,
      types: types.length === 0 ? undefined : new Set(types),
      key: [...new Set(types)].sort().join(),
      next: Math.max(since ?? own, this.#log.first),
      own,
      blockedMs: undefined,
    };
    stream.write(this.#log.bytesOf(this.#log.at(own)));
    this.#readers.add(reader);
    stream.onClose(() => this.#left(reader, peer));
    this.#heartbeats ??= setInterval(() => this.#beat(), HEARTBEAT_MS).unref();
    this.#pump(reader);
  }

  /** Ends all streams cleanly: their readers come again. */
  closeAll(): void {
    for (const { stream } of [...this.#readers]) stream.end();
    clearInterval(this.#heartbeats);
    this.#heartbeats = undefined;
  }

  #left(reader: Reader, peer: string): void {
    this.#readers.delete(reader);
    this.publish({ eventType: "event_stream_detached", remoteAddress: peer }, this.#settings.nowMs());
  }

  #flush(): void {
    this.#isFlushing = false;
    this.#chunks.clear();
    for (const reader of this.#readers) this.#serve(reader);
    this.#chunks.clear();
  }

  #beat(): void {
    for (const reader of this.#readers) if (this.#serve(reader)) reader.stream.write(HEARTBEAT);
  }

  /** False: it takes nothing now. */
  #serve(reader: Reader): boolean {
    if (reader.blockedMs === undefined) this.#pump(reader);
    else if (this.#isTooSlow(reader, reader.blockedMs)) reader.stream.cut();
    return reader.blockedMs === undefined;
  }

  #isTooSlow(reader: Reader, blockedMs: number): boolean {
    if (reader.next < this.#log.first) return true;
    const { mostOutstanding, nowMs } = this.#settings;
    if (this.#log.end - reader.next <= mostOutstanding || nowMs() - blockedMs < this.#stallMs) return false;
    let waiting = 0;
    for (let number = reader.next; number < this.#log.end; number++) if (isFor(reader, this.#log.at(number))) waiting++;
    return waiting > mostOutstanding;
  }

  #pump(reader: Reader): void {
    if (reader.next < this.#log.first) return reader.stream.cut();
    while (reader.next < this.#log.end) {
      const { bytes, next } = this.#chunkFor(reader);
      reader.next = next;
      if (bytes.length > 0 && !reader.stream.write(bytes)) return;
      if (reader.stream.waiting > AHEAD_BYTES) return this.#block(reader);
    }
  }

  #block(reader: Reader): void {
    reader.blockedMs = this.#settings.nowMs();
    void reader.stream.drained().then(() => {
      reader.blockedMs = undefined;
      if (!reader.stream.closed) this.#pump(reader);
      this.#chunks.clear();
    });
  }

  /** What follows for the reader, at most about AHEAD_BYTES; the same bytes for all who want the same. */
  #chunkFor(reader: Reader): Chunk {
    if (reader.next <= reader.own) return this.#chunk(reader);
    const key = `${reader.next} ${this.#log.end} ${reader.key}`;
    let chunk = this.#chunks.get(key);
    if (chunk === undefined) this.#chunks.set(key, (chunk = this.#chunk(reader)));
    return chunk;
  }

  #chunk(reader: Reader): Chunk {
    const parts: Buffer[] = [];
    let length = 0;
    let next = reader.next;
    for (; next < this.#log.end && length < AHEAD_BYTES; next++) {
      const frame = this.#log.at(next);
      if (!isFor(reader, frame)) continue;
      const bytes = this.#log.bytesOf(frame);
      parts.push(bytes);
      length += bytes.length;
    }
    return { bytes: parts.length === 1 ? parts[0]! : Buffer.concat(parts), next };
  }
}

function isFor({ types, own }: Reader, { notice, number }: Frame): boolean {
  return number !== own && (types === undefined || types.has(notice.eventType));
}
