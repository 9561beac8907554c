import { writeSync } from "node:fs";
import type { Log, LogFields } from "@meseta/lib/core/ports/log.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const;
export type Level = (typeof LEVELS)[number];

/**
 * Writes one line an entry to a descriptor: time, level, sentence, then `key=value`. Plain text, because the person
 * who reads it at night has only `less`. The level can be changed while running.
 */
export class TextLog implements Log {
  level: Level;
  readonly #fd: number;

  constructor(fd = 2, level: Level = "info") {
    this.#fd = fd;
    this.level = level;
  }

  debug(message: string, fields?: LogFields): void {
    this.#write("debug", message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#write("info", message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#write("warn", message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#write("error", message, fields);
  }

  #write(level: Level, message: string, fields: LogFields = {}): void {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(this.level)) return;
    const details = Object.entries(fields).map(([key, value]) => (value === undefined ? "" : ` ${key}=${show(value)}`));
    try {
      writeSync(this.#fd, `${new Date().toISOString()} ${level.padEnd(5)} ${message}${details.join("")}\n`);
    } catch {
      // A log that cannot be written (a full disk, a closed pipe) must not stop what it tells of.
    }
  }
}

function show(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(value.message);
  if (typeof value !== "string") return JSON.stringify(value) ?? "";
  return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}
