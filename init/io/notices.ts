import { INIT_BOUNDS } from "../core/bounds.ts";
import { formatTimestamp } from "../core/definition/version.ts";
import type { Notice } from "../core/out.ts";

/** One notice in the log; its bytes are made when the first reader needs them, and serve all. */
export interface Frame {
  readonly number: number;
  readonly notice: Notice;
  readonly atMs: number;
  bytes: Buffer | undefined;
  /** About how many characters it holds. */
  readonly length: number;
}

/** What is kept at most, in characters: a notice may hold a definition, and that may be as large as a request. */
const MOST_LENGTH = INIT_BOUNDS.eventLogLength.most;

/** The latest notices in their order, numbered: what readers of `/v2/events` read from, each at its own pace. */
export class NoticeLog {
  /** Of this life of the process: an id of another life is not known here. */
  readonly #life: string;
  readonly #most: number;
  readonly #mostLength: number;
  #frames: Frame[] = [];
  #first = 0;
  #length = 0;

  constructor(life: string, most: number, mostLength = MOST_LENGTH) {
    this.#life = life;
    this.#most = most;
    this.#mostLength = mostLength;
  }

  /** The number of the oldest that is kept; `end` is that of the next that comes. */
  get first(): number {
    return this.#first;
  }

  get end(): number {
    return this.#first + this.#frames.length;
  }

  add(notice: Notice, atMs: number): Frame {
    const frame = { number: this.end, notice, atMs, bytes: undefined, length: lengthOf(notice) };
    this.#frames.push(frame);
    this.#length += frame.length;
    // Cut in large pieces: a shift for each would move the whole log.
    if (this.#frames.length >= 2 * this.#most || this.#length > this.#mostLength) this.#cut();
    return frame;
  }

  // The newest is always kept: somebody is about to read it.
  #cut(): void {
    let from = this.#frames.length - 1;
    let length = this.#frames[from]!.length;
    for (; from > 0 && this.#frames.length - from < this.#most; from--) {
      const longer = length + this.#frames[from - 1]!.length;
      if (longer > this.#mostLength / 2) break;
      length = longer;
    }
    this.#frames = this.#frames.slice(from);
    this.#first += from;
    this.#length = length;
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

// Only definitions, plans and texts may be large.
function lengthOf(notice: Notice): number {
  let length = 256;
  for (const name in notice) {
    const value = notice[name];
    if (typeof value === "string") length += value.length;
    else if (typeof value === "object" && value !== null && !Array.isArray(value)) length += lengthOfObject(value);
  }
  return length;
}

// The same plan is told with each step of it.
const LENGTHS = new WeakMap<object, number>();

function lengthOfObject(value: object): number {
  let length = LENGTHS.get(value);
  if (length === undefined) LENGTHS.set(value, (length = JSON.stringify(value).length));
  return length;
}

function encode({ notice, atMs }: Frame, id: string): Buffer {
  const { eventType, ...fields } = notice;
  const data = JSON.stringify({ ...fields, eventType, timestamp: formatTimestamp(atMs) });
  return Buffer.from(`id: ${id}\nevent: ${eventType}\ndata: ${data}\n\n`);
}
