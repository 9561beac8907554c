/** What one process grants its peers. Each bound is there because a peer, broken or hostile, would otherwise decide. */
export interface Bounds {
  /** One request body, after inflating. */
  bodyBytes: number;
  /** All request bodies held at one moment. */
  bytesInFlight: number;
  headerBytes: number;
  headerCount: number;
  /** From a connection's first byte to the end of a request's headers. */
  headersTimeoutMs: number;
  /** From the end of the headers to the end of the body. */
  bodyTimeoutMs: number;
  /** A connection without a request. */
  idleTimeoutMs: number;
  /** What waits for a slow reader of one event stream; beyond it the reader is cut off. */
  streamBytes: number;
  /** A reader of a large answer that takes nothing for so long is cut off. */
  stallTimeoutMs: number;
  connections: number;
}

const MiB = 1024 * 1024;

export const defaultBounds: Bounds = {
  bodyBytes: 32 * MiB,
  bytesInFlight: 256 * MiB,
  headerBytes: 16 * 1024,
  headerCount: 100,
  headersTimeoutMs: 10_000,
  bodyTimeoutMs: 60_000,
  // Longer than the pools of usual clients keep a connection, so that it is the client who closes it.
  idleTimeoutMs: 75_000,
  streamBytes: 8 * MiB,
  stallTimeoutMs: 60_000,
  connections: 20_000,
};
