/** A lease as its holder may count on it. Times are of one monotonic clock, in nanoseconds. */
export interface Terms {
  /** What etcd was asked for; it may grant more, never less. */
  readonly seconds: number;
}

const NS_PER_SECOND = 1_000_000_000;

/**
 * Until when a lease is surely held, when a renewal was answered that was sent at `sentNs`: etcd counts from when it heard that, which is later; and the
 * last third is for clocks that do not run alike.
 */
export function heldUntil(sentNs: bigint, { seconds }: Terms): bigint {
  return sentNs + BigInt(Math.floor((seconds * NS_PER_SECOND * 2) / 3));
}

/**
 * How long to wait until the next renewal, in milliseconds, when the last one was sent at `sentNs`: a sixth of the lease, so that half of it is left for an etcd whose
 * members have just begun to elect a leader.
 */
export function pauseMs(sentNs: bigint, nowNs: bigint, { seconds }: Terms): number {
  const elapsedMs = Number(nowNs - sentNs) / 1e6;
  return Math.max(0, (seconds * 1000) / 6 - elapsedMs);
}

/**
 * What one thread writes of its lease and another reads: the lease's id, 0 for none, and until when it is held. The id of a lease that is over never comes again,
 * so who has been given up stays so.
 */
export class LeaseCells {
  readonly buffer: SharedArrayBuffer;
  readonly #cells: BigInt64Array;

  constructor(buffer = new SharedArrayBuffer(16)) {
    this.buffer = buffer;
    this.#cells = new BigInt64Array(buffer);
  }

  /** The lease that is being renewed; 0 when there is none. */
  get id(): number {
    return Number(Atomics.load(this.#cells, ID));
  }

  get untilNs(): bigint {
    return Atomics.load(this.#cells, UNTIL);
  }

  /** Whether this very lease is held at `nowNs`, which must be read after the call has begun: so it is a function. */
  holds(id: number, nowNs: () => bigint): boolean {
    // In this order: a lease that is written meanwhile has another id.
    const until = this.untilNs;
    return id !== 0 && this.id === id && nowNs() < until;
  }

  renewed(id: number, untilNs: bigint): void {
    Atomics.store(this.#cells, ID, BigInt(id));
    Atomics.store(this.#cells, UNTIL, untilNs);
  }

  over(): void {
    Atomics.store(this.#cells, UNTIL, 0n);
    Atomics.store(this.#cells, ID, 0n);
  }
}

const UNTIL = 0;
const ID = 1;
