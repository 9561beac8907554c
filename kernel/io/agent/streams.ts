import type { MediaType } from "@meseta/api/mesos/codec/read-call.ts";
import type { Event } from "@meseta/api/mesos/generated/executor.ts";
import type { Answer } from "@meseta/lib/io/http/answer.ts";
import type { EventStream } from "@meseta/lib/io/http/event-stream.ts";
import type { Reply } from "@meseta/lib/io/http/request.ts";
import type { StreamId } from "../../core/agent/event.ts";
import { frame } from "../frame.ts";

interface Entry {
  readonly reply: Reply;
  readonly mediaType: MediaType;
  stream: EventStream | undefined;
}

/** The streams of events to executors, by the number under which the core knows them. */
export class ExecutorStreams {
  #next: StreamId = 1;
  readonly #entries = new Map<StreamId, Entry>();
  readonly #onClosed: (id: StreamId) => void;

  /** `onClosed` is told of streams that the executor ended, not of those that were closed here. */
  constructor(onClosed: (id: StreamId) => void) {
    this.#onClosed = onClosed;
  }

  /** An executor asks for a stream; nothing is sent before `open`. */
  add(reply: Reply, mediaType: MediaType): StreamId {
    const id = this.#next++;
    this.#entries.set(id, { reply, mediaType, stream: undefined });
    return id;
  }

  open(id: StreamId): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    entry.stream = entry.reply.open({ "Content-Type": entry.mediaType });
    entry.stream.onClose(() => {
      if (this.#entries.delete(id)) this.#onClosed(id);
    });
  }

  refuse(id: StreamId, answer: Answer): void {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    if (entry?.stream === undefined) entry?.reply.answer(answer);
    else entry.stream.end();
  }

  send(id: StreamId, event: Event): void {
    const entry = this.#entries.get(id);
    entry?.stream?.write(frame("mesos.v1.executor.Event", entry.mediaType, event));
  }

  close(id: StreamId): void {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    entry?.stream?.end();
  }

  closeAll(): void {
    for (const id of [...this.#entries.keys()]) this.refuse(id, { status: 503 });
  }
}
