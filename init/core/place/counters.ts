import { REASONS, type Reason } from "./reason.ts";

/** What became of the offers that a queued service has seen, as /v2/queue tells it. Always counted. */
export interface OfferCounters {
  processed: number;
  unused: number;
  lastUnusedAtMs?: number | undefined;
  lastUsedAtMs?: number | undefined;
  /** Since the service was queued. */
  readonly attempt: Map<Reason, number>;
  /** The last answer to each agent's offers: its reason, or undefined for a match. */
  readonly lastByAgent: Map<string, Reason | undefined>;
}

export interface RejectRow {
  readonly reason: Reason;
  readonly declined: number;
  /** The offers that came this far down the funnel. */
  readonly processed: number;
}

export function newCounters(): OfferCounters {
  return { processed: 0, unused: 0, attempt: new Map(), lastByAgent: new Map() };
}

/** The service looked at an offer of the agent: `reason` against it, or undefined when it was used. */
export function countOffer(counters: OfferCounters, agentId: string, reason: Reason | undefined, nowMs: number): void {
  counters.processed++;
  remember(counters.lastByAgent, agentId, reason);
  if (reason === undefined) {
    counters.lastUsedAtMs = nowMs;
    return;
  }
  counters.unused++;
  counters.lastUnusedAtMs = nowMs;
  counters.attempt.set(reason, (counters.attempt.get(reason) ?? 0) + 1);
}

/** The funnel over all offers of this attempt to launch. */
export function attemptSummary(counters: OfferCounters): RejectRow[] {
  return funnel(counters.attempt, counters.processed);
}

/** The funnel over the last offer of each agent. */
export function lastOffersSummary({ lastByAgent }: OfferCounters): RejectRow[] {
  const declined = new Map<Reason, number>();
  for (const reason of lastByAgent.values())
    if (reason !== undefined) declined.set(reason, (declined.get(reason) ?? 0) + 1);
  return funnel(declined, lastByAgent.size);
}

// Each row's processed is the row's before without what that one declined.
function funnel(declined: ReadonlyMap<Reason, number>, all: number): RejectRow[] {
  let processed = all;
  return REASONS.map((reason) => {
    const row = { reason, declined: declined.get(reason) ?? 0, processed };
    processed -= row.declined;
    return row;
  });
}

// The oldest agent's answer goes when there are too many: a summary of so many tells enough.
function remember(last: Map<string, Reason | undefined>, agentId: string, reason: Reason | undefined): void {
  last.delete(agentId);
  last.set(agentId, reason);
  if (last.size > MOST_AGENTS) last.delete(last.keys().next().value!);
}

const MOST_AGENTS = 1000;
