/** What one health check of one instance said so far. Times are ms since 1970. Source: Marathon's health check records. */
export interface HealthRecord {
  readonly firstSuccessMs?: number | undefined;
  readonly lastSuccessMs?: number | undefined;
  readonly lastFailureMs?: number | undefined;
  readonly lastFailureCause?: string | undefined;
  readonly consecutiveFailures: number;
}

/** One result of a check. `cause` says why it is a failure. */
export interface HealthResult {
  readonly succeeded: boolean;
  readonly atMs: number;
  readonly cause?: string | undefined;
}

/** What of an instance decides whether a failure counts. */
export interface Circumstances {
  /** Since when it runs; undefined: it does not. */
  readonly runningSinceMs: number | undefined;
  readonly gracePeriodSeconds: number;
  readonly nowMs: number;
}

/** The record with one more result; undefined when the result does not count. */
export function withResult(
  record: HealthRecord | undefined,
  result: HealthResult,
  circumstances: Circumstances,
): HealthRecord | undefined {
  const before = record ?? NOTHING;
  // Clocks of agents may stand still or go back: what is told later is later.
  const atMs = Math.max(result.atMs, ...timesOf(before).map((ms) => ms + 1));
  if (result.succeeded)
    return { ...before, firstSuccessMs: before.firstSuccessMs ?? atMs, lastSuccessMs: atMs, consecutiveFailures: 0 };
  if (isOverlooked(before, circumstances)) return undefined;
  return {
    ...before,
    lastFailureMs: atMs,
    lastFailureCause: result.cause,
    consecutiveFailures: before.consecutiveFailures + 1,
  };
}

/** Whether the check holds the instance for well: it has succeeded, and has not failed since. */
export function isAlive({ lastSuccessMs, lastFailureMs }: HealthRecord = NOTHING): boolean {
  return lastSuccessMs !== undefined && (lastFailureMs === undefined || lastSuccessMs > lastFailureMs);
}

const NOTHING: HealthRecord = { consecutiveFailures: 0 };

function timesOf({ lastSuccessMs, lastFailureMs }: HealthRecord): number[] {
  return [lastSuccessMs, lastFailureMs].filter((ms) => ms !== undefined);
}

// Who is not running is not asked, and who is starting has time.
function isOverlooked(
  { firstSuccessMs }: HealthRecord,
  { runningSinceMs, gracePeriodSeconds, nowMs }: Circumstances,
): boolean {
  if (runningSinceMs === undefined) return true;
  return firstSuccessMs === undefined && runningSinceMs + gracePeriodSeconds * 1000 > nowMs;
}
