import type { RateLimits } from "@meseta/api/mesos/generated/mesos.ts";
import { counter, gauge, type Sample } from "@meseta/lib/core/metrics.ts";

export interface CallRatePorts {
  /** Steady. */
  nowMs(): number;
  later(task: () => void, ms: number): void;
}

/** Lets the calls of each principal's frameworks pass at the rate that the operator gave it, in the order in which they came. */
export class CallRates {
  /** Calls that found too many waiting. */
  refused = 0;
  readonly #ports: CallRatePorts;
  readonly #lanes = new Map<string, Lane | undefined>();
  readonly #others: Lane | undefined;

  constructor(limits: RateLimits, ports: CallRatePorts = TIME) {
    this.#ports = ports;
    const { aggregate_default_qps, aggregate_default_capacity } = limits;
    this.#others = laneOf(aggregate_default_qps, aggregate_default_capacity);
    for (const { principal, qps, capacity } of limits.limits ?? []) this.#lanes.set(principal, laneOf(qps, capacity));
  }

  /** Runs `pass` at the call's turn, which may be now. False: too many wait already, and it is never run. */
  take(principal: string | undefined, pass: () => void): boolean {
    const lane = this.#laneFor(principal);
    if (lane === undefined) {
      pass();
      return true;
    }
    if (lane.waiting.length >= lane.capacity && this.#waitMs(lane) > 0) {
      this.refused++;
      return false;
    }
    lane.received++;
    lane.waiting.push(pass);
    this.#go(lane, 0);
    return true;
  }

  get waiting(): number {
    return this.#all().reduce((n, { waiting }) => n + waiting.length, 0);
  }

  /** Of those whom the operator named; Mesos' names. */
  samples(): Sample[] {
    return [...this.#lanes].flatMap(([principal, lane]) => {
      if (lane === undefined) return [];
      const of = (name: string, value: number) =>
        counter(`frameworks/${principal}/${name}`, value, { name: `frameworks/${name}`, labels: { principal } });
      return [of("messages_received", lane.received), of("messages_processed", lane.processed)];
    });
  }

  #laneFor(principal: string | undefined): Lane | undefined {
    return principal !== undefined && this.#lanes.has(principal) ? this.#lanes.get(principal) : this.#others;
  }

  #all(): Lane[] {
    return [...this.#lanes.values(), this.#others].filter((lane) => lane !== undefined);
  }

  #waitMs({ nextMs }: Lane): number {
    return nextMs - this.#ports.nowMs();
  }

  // Timers are coarse: what fell due meanwhile passes together, so that the rate holds on average.
  #go(lane: Lane, lateMs: number): void {
    if (lane.isAwaited) return;
    while (lane.waiting.length > 0) {
      const waitMs = this.#waitMs(lane);
      if (waitMs > 0) return this.#await(lane, waitMs);
      lane.nextMs = Math.max(lane.nextMs, this.#ports.nowMs() - lateMs) + lane.intervalMs;
      lane.processed++;
      lane.waiting.shift()!();
    }
  }

  #await(lane: Lane, waitMs: number): void {
    lane.isAwaited = true;
    this.#ports.later(() => {
      lane.isAwaited = false;
      this.#go(lane, MOST_LATE_MS);
    }, Math.ceil(waitMs));
  }
}

/** How late a timer may be without the rate falling for it. */
const MOST_LATE_MS = 20;

const TIME: CallRatePorts = {
  nowMs: () => performance.now(),
  later: (task, ms) => void setTimeout(task, ms).unref(),
};

interface Lane {
  readonly intervalMs: number;
  readonly capacity: number;
  readonly waiting: (() => void)[];
  /** When the next may pass. */
  nextMs: number;
  isAwaited: boolean;
  received: number;
  processed: number;
}

function laneOf(qps: number | undefined, capacity = Number.POSITIVE_INFINITY): Lane | undefined {
  if (qps === undefined) return undefined;
  const at = { nextMs: 0, isAwaited: false, received: 0, processed: 0 };
  return { intervalMs: 1000 / qps, capacity, waiting: [], ...at };
}

/** The numbers of all principals together. */
export function callRateSamples(rates: CallRates | undefined): Sample[] {
  return [
    gauge("meseta/calls_waiting", rates?.waiting ?? 0),
    counter("meseta/calls_refused", rates?.refused ?? 0),
    ...(rates?.samples() ?? []),
  ];
}
