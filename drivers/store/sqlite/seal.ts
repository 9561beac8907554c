import { closeSync, existsSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { crc32 } from "node:zlib";
import type { Opened } from "@meseta/lib/core/ports/store.ts";

/** How long commits may be durable before the seal says so. */
const DELAY_MS = 200;

/**
 * A file beside the store, `store.db-seal`, that says how many commits are on the disk: the witness of a log that has lost its end, of a file that is an older copy, and of one
 * that is gone. It may say less than there is, since it is written a moment later and not flushed, and never more. A disk that does not take it is no error.
 */
export class Seal {
  readonly #path: string;
  #durable: Opened | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(store: string) {
    this.#path = sealOf(store);
  }

  /** So much is on the disk. It is written down soon. */
  soon(durable: Opened): void {
    this.#durable = durable;
    this.#timer ??= setTimeout(() => this.now(), DELAY_MS).unref();
  }

  /** Writes down what was said last. */
  now(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#durable === undefined) return;
    const { epoch, version } = this.#durable;
    const text = JSON.stringify({ epoch, version });
    this.#durable = undefined;
    try {
      // One sector, in place: a power cut leaves the old one or the new one.
      const file = openSync(this.#path, existsSync(this.#path) ? "r+" : "w", 0o600);
      try {
        writeSync(file, `${checksum(text)} ${text}\n`.padEnd(LENGTH), 0);
      } finally {
        closeSync(file);
      }
    } catch {
      // It only says less then.
    }
  }
}

/** What the seal of a store says; undefined where there is none, or none that can be read. */
export function readSeal(store: string): Opened | undefined {
  try {
    const [sum = "", text = ""] = readFileSync(sealOf(store), "utf8").trimEnd().split(" ");
    return sum === checksum(text) ? (JSON.parse(text) as Opened) : undefined;
  } catch {
    return undefined;
  }
}

export function removeSeal(store: string): void {
  rmSync(sealOf(store), { force: true });
}

export function sealOf(store: string): string {
  return `${store}-seal`;
}

const LENGTH = 128;

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, "0");
}
