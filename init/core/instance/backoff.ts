/** How long a service waits before its next launch. Times in ms. */
export interface BackoffPolicy {
  readonly firstMs: number;
  readonly factor: number;
  readonly longestMs: number;
}

export interface Delay {
  readonly lengthMs: number;
  /** When the wait began: the last failure, or the last step forward since. */
  readonly sinceMs: number;
}

/** After one more failure: the first delay, then each time `factor` more, never above the longest. */
export function raise(delay: Delay | undefined, policy: BackoffPolicy, nowMs: number): Delay {
  const lengthMs = delay === undefined ? policy.firstMs : delay.lengthMs * policy.factor;
  return { lengthMs: Math.min(lengthMs, policy.longestMs), sinceMs: nowMs };
}

/** After a step forward of a launch: as long as before, from now. So an instance must stay up for the longest delay to be forgiven. */
export function touch(delay: Delay, nowMs: number): Delay {
  return { ...delay, sinceMs: nowMs };
}

/** Whether the failures are so long ago that they count no more. */
function isForgiven(delay: Delay, policy: BackoffPolicy, nowMs: number): boolean {
  return nowMs - delay.sinceMs > policy.longestMs;
}

/** When the next launch may be; in the past when it may be now. */
export function launchableAtMs(delay: Delay | undefined): number {
  return delay === undefined ? 0 : delay.sinceMs + delay.lengthMs;
}

/** As /v2/queue tells it. */
export function delayOnWire(delay: Delay | undefined, nowMs: number): { timeLeftSeconds: number; overdue: boolean } {
  const leftMs = Math.max(0, launchableAtMs(delay) - nowMs);
  return { timeLeftSeconds: Math.ceil(leftMs / 1000), overdue: leftMs === 0 };
}

/** The delays of all services. A new configuration is another key, and so begins without a delay. */
export class Backoff {
  readonly #delays = new Map<string, Map<string, { delay: Delay; policy: BackoffPolicy }>>();

  delayOf(spec: string, configVersion: string): Delay | undefined {
    return this.#delays.get(spec)?.get(configVersion)?.delay;
  }

  apply(
    spec: string,
    configVersion: string,
    change: "raise" | "touch" | "clear",
    policy: BackoffPolicy,
    nowMs: number,
  ): void {
    const before = this.delayOf(spec, configVersion);
    const current = before !== undefined && isForgiven(before, policy, nowMs) ? undefined : before;
    const delay =
      change === "raise"
        ? raise(current, policy, nowMs)
        : change === "touch" && current
          ? touch(current, nowMs)
          : undefined;
    if (delay !== undefined) this.#set(spec, configVersion, delay, policy);
    else if (before !== undefined) this.#delete(spec, configVersion);
  }

  /** The service is restarted, gone, or somebody asked for it. */
  clear(spec: string): void {
    this.#delays.delete(spec);
  }

  /** Drops what is forgiven. */
  tidy(nowMs: number): void {
    for (const [spec, delays] of this.#delays)
      for (const [configVersion, { delay, policy }] of delays)
        if (isForgiven(delay, policy, nowMs)) this.#delete(spec, configVersion);
  }

  #set(spec: string, configVersion: string, delay: Delay, policy: BackoffPolicy): void {
    const delays = this.#delays.get(spec) ?? new Map();
    this.#delays.set(spec, delays.set(configVersion, { delay, policy }));
  }

  #delete(spec: string, configVersion: string): void {
    const delays = this.#delays.get(spec);
    delays?.delete(configVersion);
    if (delays?.size === 0) this.#delays.delete(spec);
  }
}
