import type { Log } from "../core/ports/log.ts";

/** Marathon's and Chronos' names of levels, and ours. */
const LEVELS = {
  TRACE: "debug",
  DEBUG: "debug",
  INFO: "info",
  WARN: "warn",
  ERROR: "error",
  OFF: "error",
} as const;

/** The longest that setTimeout can wait, about 24 days. */
const LONGEST_MS = 2 ** 31 - 1;

/** A change of the log's level, as POST /logging asks for it. */
export interface LevelChange {
  readonly level: keyof typeof LEVELS;
  readonly logger: string;
  readonly durationSeconds?: number;
}

/** The level of the log, which can be changed for a while; there is one logger, ROOT. */
export class Verbosity {
  readonly #log: { level?: string };
  readonly #usual: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(log: Log) {
    this.#log = log as { level?: string };
    this.#usual = this.#log.level;
  }

  levels(): Record<string, string> {
    return { ROOT: (this.#log.level ?? "info").toUpperCase() };
  }

  /** For so many seconds; without them for good. */
  set({ level, durationSeconds }: LevelChange): void {
    clearTimeout(this.#timer);
    this.#apply(LEVELS[level]);
    if (durationSeconds === undefined) return;
    this.#timer = setTimeout(() => this.#apply(this.#usual), Math.min(durationSeconds * 1000, LONGEST_MS)).unref();
  }

  // A log without a level tells all.
  #apply(level: string | undefined): void {
    if (level !== undefined && this.#log.level !== undefined) this.#log.level = level;
  }
}

/** The change, or what is wrong with it. */
export function readLevelChange(body: unknown): LevelChange | string {
  const { level, logger = "ROOT", durationSeconds } = (body ?? {}) as Record<string, unknown>;
  const name = typeof level === "string" ? level.toUpperCase() : "";
  if (!Object.hasOwn(LEVELS, name)) return `level must be one of ${Object.keys(LEVELS).join(", ")}`;
  if (typeof logger !== "string") return "logger must be a text";
  const change = { level: name as keyof typeof LEVELS, logger };
  if (durationSeconds === undefined || durationSeconds === null) return change;
  if (typeof durationSeconds !== "number" || !(durationSeconds > 0)) return "durationSeconds must be a positive number";
  return { ...change, durationSeconds };
}
