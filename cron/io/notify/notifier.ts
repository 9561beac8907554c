import { limitsOf } from "@meseta/lib/core/bound.ts";
import type { Log } from "@meseta/lib/core/ports/log.ts";
import { CRON_BOUNDS, type CronLimits } from "../../core/bounds.ts";
import type { Notification } from "../../core/out.ts";

/** A way to tell owners, or whoever listens. */
export interface Channel {
  readonly name: string;
  /** Whether it has anybody to tell of this. */
  takes(notification: Notification): boolean;
  /** Rejects when nobody took it; then it is tried again. */
  send(notification: Notification): Promise<void>;
  close?(): void;
}

const TRIES = 5;
const FIRST_REST_MS = 1000;

/** Tells each notification on each channel, one after another, and nobody waits for it: what could not be told after some tries is in the log only. */
export class Notifier {
  readonly #lines: readonly Line[];

  /** A channel that is slow or away holds `limits.notifications` at most; newer ones are dropped, and the log says how many. `rest` resolves after so many milliseconds. */
  constructor(
    channels: readonly Channel[],
    log: Log,
    limits: CronLimits = limitsOf(CRON_BOUNDS),
    rest: (ms: number) => Promise<void> = restFor,
  ) {
    this.#lines = channels.map((channel) => new Line(channel, log, limits.notifications, rest));
  }

  tell(notification: Notification): void {
    for (const line of this.#lines) line.add(notification);
  }

  /** Notifications that wait, on all channels, and how many were dropped. */
  get waiting(): number {
    return this.#lines.reduce((n, line) => n + line.waiting, 0);
  }

  get dropped(): number {
    return this.#lines.reduce((n, line) => n + line.droppedInAll, 0);
  }

  close(): void {
    for (const line of this.#lines) line.close();
  }
}

/** What waits for one channel. */
class Line {
  readonly #channel: Channel;
  readonly #log: Log;
  readonly #most: number;
  readonly #rest: (ms: number) => Promise<void>;
  readonly #waiting: Notification[] = [];
  #isBusy = false;
  #isClosed = false;
  droppedInAll = 0;
  /** How many were dropped since it was full. */
  #dropped = 0;

  constructor(channel: Channel, log: Log, most: number, rest: (ms: number) => Promise<void>) {
    this.#channel = channel;
    this.#log = log;
    this.#most = most;
    this.#rest = rest;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  add(notification: Notification): void {
    if (this.#isClosed || !this.#channel.takes(notification)) return;
    if (this.#waiting.length >= this.#most) {
      this.droppedInAll++;
      return void this.#dropped++;
    }
    this.#waiting.push(notification);
    if (!this.#isBusy) void this.#work();
  }

  close(): void {
    this.#isClosed = true;
    this.#waiting.length = 0;
    this.#channel.close?.();
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      await this.#tell(next);
      this.#tellDropped();
    }
    this.#isBusy = false;
  }

  async #tell(notification: Notification): Promise<void> {
    for (let restMs = FIRST_REST_MS, tries = 1; ; restMs *= 2, tries++) {
      try {
        return await this.#channel.send(notification);
      } catch (error) {
        if (this.#isClosed) return;
        if (tries >= TRIES) return this.#lost(notification, (error as Error).message);
      }
      await this.#rest(restMs);
      if (this.#isClosed) return;
    }
  }

  // Said once for many: a log that is flooded says nothing.
  #tellDropped(): void {
    if (this.#dropped === 0 || this.#waiting.length > this.#most / 2) return;
    const fields = { channel: this.#channel.name, lost: this.#dropped };
    this.#log.error("Notifications were lost, since too many waited", fields);
    this.#dropped = 0;
  }

  #lost({ job, subject }: Notification, reason: string): void {
    this.#log.error("A notification was lost", { channel: this.#channel.name, job, subject, reason });
  }
}

function restFor(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms).unref());
}
