import { formatTimestamp } from "../core/definition/version.ts";
import type { Notice } from "../core/out.ts";

/** One notice in the log; its bytes are made when the first reader needs them, and serve all. */
export interface Frame {
  readonly number: number;
  readonly notice: Notice;
  readonly atMs: number;
  bytes: Buffer | undefined;
}

/** The latest notices in their order, numbered: what readers of `/v2/events` read from, each at its own pace. */
export class NoticeLog {
  /** Of this life of the process: an id of another life is not known here. */
  readonly #life: string;
  readonly #most: number;
  #frames: Frame[] = [];
  #first = 0;

  constructor(life: string, most: number) {
    this.#life = life;
    this.#most = most;
  }

  /** The number of the oldest that is kept; `end` is that of the next that comes. */
  get first(): number {
    return this.#first;
  }

  get end(): number {
    return this.#first + this.#frames.length;
  }

  add(notice: Notice, atMs: number): Frame {
    const frame = { number: this.end, notice, atMs, bytes: undefined };
    this.#frames.push(frame);
    // Cut in large pieces: a shift for each would move the whole log.
    if (this.#frames.length >= 2 * this.#most) {
      this.#frames = this.#frames.slice(-this.#most);
      this.#first = frame.number + 1 - this.#most;
    }
    return frame;
  }

  at(number: number): Frame {
    return this.#frames[number - this.#first]!;
  }

  bytesOf(frame: Frame): Buffer {
    frame.bytes ??= encode(frame, `${this.#life}-${frame.number}`);
    return frame.bytes;
  }

  /** The number after the one with this id, as `Last-Event-ID` says it; undefined for an id of another life, or none. */
  after(id: string | undefined): number | undefined {
    const [life, number] = (id ?? "").split("-");
    if (life !== this.#life || !/^\d{1,15}$/.test(number ?? "")) return undefined;
    return Math.min(Number(number) + 1, this.end);
  }
}

function encode({ notice, atMs }: Frame, id: string): Buffer {
  const { eventType, ...fields } = notice;
  const data = JSON.stringify({ ...fields, eventType, timestamp: formatTimestamp(atMs) });
  return Buffer.from(`id: ${id}\nevent: ${eventType}\ndata: ${data}\n\n`);
}
