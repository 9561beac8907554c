import { setTimeout as sleep } from "node:timers/promises";
import { CallRefused, Unreachable } from "@meseta/sdk/core/errors.ts";
import { Failure } from "../core/failure.ts";
import { startOfLastLines } from "../core/last-lines.ts";

/** What reads files: a master's or an agent's operator API. */
export interface FileReader {
  readFile(path: string, offset: number, length?: number): Promise<{ readonly size: number; readonly data: string }>;
}

/** The most that one call of the API gives. */
const PIECE_BYTES = 65_536;
const FIRST_LOOK_MS = 50;
const LATER_LOOK_MS = 500;

/** Reads one file piece by piece; what it has read once it does not give again. */
export class Tail {
  readonly #reader: FileReader;
  readonly #path: string;
  readonly #put: (bytes: Uint8Array) => void;
  #offset = 0;

  constructor(reader: FileReader, path: string, put: (bytes: Uint8Array) => void) {
    this.#reader = reader;
    this.#path = path;
    this.#put = put;
  }

  /** Goes to where the last lines begin, without giving anything. */
  async skipToLast(lines: number): Promise<void> {
    const { size } = await this.#reader.readFile(this.#path, 0, 1);
    let end: Uint8Array = new Uint8Array();
    for (let from = size; from > 0; ) {
      const length = Math.min(PIECE_BYTES, from);
      from -= length;
      const { data } = await this.#reader.readFile(this.#path, from, length);
      end = Buffer.concat([Buffer.from(data, "base64"), end]);
      const start = startOfLastLines(end, lines);
      if (start === undefined) continue;
      this.#offset = from + start;
      return;
    }
  }

  /** Gives all that there is now; whether there was anything new. */
  async readOn(): Promise<boolean> {
    const before = this.#offset;
    for (;;) {
      const { data, size } = await this.#reader.readFile(this.#path, this.#offset, PIECE_BYTES);
      if (size < this.#offset) {
        this.#offset = 0; // Rotated: what is there now is new.
        continue;
      }
      const bytes = Buffer.from(data, "base64");
      if (bytes.length === 0) return this.#offset !== before;
      this.#put(bytes);
      this.#offset += bytes.length;
    }
  }

  /**
   * Gives what is there and what is added, until `isOver` says that nothing more is coming; then reads to the end. A file
   * that does not exist yet, or an agent that is away, is waited for as long; that it is away at the end is an error.
   */
  async follow(isOver: () => boolean | Promise<boolean>): Promise<void> {
    let pauseMs = FIRST_LOOK_MS;
    for (;;) {
      const over = await isOver();
      const fresh = await this.#readIfThere(over);
      if (over) return;
      pauseMs = fresh ? FIRST_LOOK_MS : Math.min(LATER_LOOK_MS, pauseMs * 1.5);
      await sleep(pauseMs);
    }
  }

  /** As `readOn`; that there is no such file is told by name. */
  async readAll(): Promise<void> {
    try {
      await this.readOn();
    } catch (error) {
      throw error instanceof CallRefused && error.status === 404 ? noFile(this.#path, error) : error;
    }
  }

  async #readIfThere(isLast: boolean): Promise<boolean> {
    try {
      return await this.readOn();
    } catch (error) {
      const isMissing = error instanceof CallRefused && error.status === 404;
      const isAway = error instanceof Unreachable || (error instanceof CallRefused && error.status === 503);
      if (!isMissing && (!isAway || isLast)) throw error;
      return false;
    }
  }
}

/** The master's or agent's 404 for a path. */
export function noFile(path: string, refusal: Pick<CallRefused, "text" | "url">): Failure {
  const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
  // Nothing is shown at the root, whoever is asked.
  const again = `meseta files ls ${folder || "--help"}`;
  const why = refusal.text.trim() || "there is none now: it was never written, or is removed";
  return new Failure("no-file", { path, why, again }, refusal.url);
}
