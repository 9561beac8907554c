/** Where time comes from: the machine, or the simulator's hand. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. Goes on steadily in one process, unless it is to follow the machine's clock; the next one may read an earlier time. */
  nowMs(): number;
}
