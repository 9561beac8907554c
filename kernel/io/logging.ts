/** A log whose level can be changed while running. */
export interface AdjustableLog {
  level: "debug" | "info" | "warn" | "error";
}

const MOST_VERBOSE = 3;

/**
 * The level of verbosity that SET_LOGGING_LEVEL and /logging/toggle speak of: 0 to 3, more being more. From 1 on this master tells all
 * that it has. After the time that was asked for it is as before.
 */
export class Verbosity {
  level = 0;
  readonly #log: Partial<AdjustableLog>;
  readonly #usual: AdjustableLog["level"] | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(log: object) {
    this.#log = log;
    this.#usual = this.#log.level;
  }

  /** Returns what is wrong with it, or undefined when it is set. */
  set(level: number, durationMs: number): string | undefined {
    if (!Number.isInteger(level) || level < 0 || level > MOST_VERBOSE)
      return `Invalid level '${level}': expecting 0 to ${MOST_VERBOSE}`;
    if (durationMs < 0) return "The duration must not be negative";
    clearTimeout(this.#timer);
    this.#apply(level);
    if (level > 0) this.#timer = setTimeout(() => this.#apply(0), Math.min(durationMs, 2 ** 31 - 1)).unref();
    return undefined;
  }

  #apply(level: number): void {
    this.level = level;
    if (this.#usual !== undefined) this.#log.level = level > 0 ? "debug" : this.#usual;
  }
}
