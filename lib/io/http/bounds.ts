import { type Bound, type Limits, mostOf, WHY } from "../../core/bound.ts";

const MiB = 1024 * 1024;

/**
 * What one process grants its peers. Each bound is there because a peer, broken or hostile, would otherwise decide. The metrics are those of
 * {@link HttpCounts}, which each part names in its own way.
 */
export const HTTP_BOUNDS = {
  bodyBytes: {
    what: "The body of one request, after inflating",
    most: 32 * MiB,
    unit: "bytes",
    setting: "max-body-size",
    met: "bodies_too_large",
    outcome: "413",
  },
  bytesInFlight: {
    what: "The bodies of all requests that are not answered yet",
    most: 256 * MiB,
    unit: "bytes",
    setting: "max-bytes-in-flight",
    now: "body_bytes",
    met: "bodies_refused",
    outcome: "503 with `Retry-After: 1`",
  },
  requestsPerConnection: {
    what: "Requests that came one behind the other on a connection and are not answered yet",
    most: 1024,
    met: "requests_refused",
    limit: "requests-per-connection",
    outcome: "503 with `Retry-After: 1`",
  },
  requestsPerTurn: {
    what: "Requests that begin in one turn of the event loop, but for the first of each connection",
    most: 16,
    fixed: WHY.slice,
    unseen: WHY.slice,
    outcome: "the others begin in the next turns, one connection after the other",
  },
  bodyBytesPerTurn: {
    what: "What bodies bring in one turn of the event loop",
    most: MiB,
    unit: "bytes",
    fixed: WHY.slice,
    unseen: WHY.slice,
    outcome: "the rest waits in its connections, and comes in the next turns, of one connection after the other",
  },
  refusedBytesPerSecond: {
    what: "What comes in a second of bodies that are refused, of all of them together",
    most: 64 * MiB,
    unit: "bytes",
    fixed: "each byte costs as much as one that is wanted",
    unseen: WHY.slice,
    outcome: "the rest waits in its connections",
  },
  quickBodyBytes: {
    what: "A body that the event loop reads by itself",
    most: MiB,
    unit: "bytes",
    fixed: "more would keep everybody else waiting",
    met: "large_bodies",
    outcome: "a thread beside it reads a larger one, one at a time",
  },
  readerBytes: {
    what: "The memory of that thread",
    most: 1536 * MiB,
    unit: "bytes",
    fixed: "a body within the other bounds is to need less",
    met: "refused_400",
    outcome: "400, and the next body gets a new thread",
  },
  headerBytes: {
    what: "The head of one request",
    most: 16 * 1024,
    unit: "bytes",
    met: "heads_too_large",
    limit: "head-size",
    outcome: "431, and the connection is closed",
  },
  headerCount: {
    what: "The headers of one request",
    most: 100,
    limit: "headers",
    met: "heads_too_large",
    outcome: "431, and the connection is closed",
  },
  headersTimeoutMs: {
    what: "From the first byte of a head to its end",
    most: 10_000,
    unit: "ms",
    met: "heads_late",
    limit: "head-time",
    outcome: "408, and the connection is closed",
  },
  bodyTimeoutMs: {
    what: "From the end of a head to the end of its body",
    most: 60_000,
    unit: "ms",
    met: "bodies_late",
    limit: "body-time",
    outcome: "408",
  },
  // Longer than the pools of usual clients keep a connection, so that it is the client who closes it.
  idleTimeoutMs: {
    what: "A connection without a request",
    most: 75_000,
    unit: "ms",
    limit: "idle-time",
    now: "connections",
    outcome: "it is closed",
  },
  // A burst, such as what a framework of a hundred thousand tasks is told of them all, is no fault of its reader's.
  streamBytes: {
    what: "What waits for the reader of a stream of events or of output, in a burst",
    most: 64 * MiB,
    unit: "bytes",
    setting: "max-stream-backlog",
    met: "slow_readers_cut_off",
    outcome: "its connection is cut",
  },
  streamSlowBytes: {
    what: "The same for longer than a burst takes",
    most: 8 * MiB,
    unit: "bytes",
    met: "slow_readers_cut_off",
    limit: "slow-stream-backlog",
    outcome: "its connection is cut",
  },
  streamSlowMs: {
    what: "So long is that",
    most: 10_000,
    unit: "ms",
    limit: "slow-stream-time",
    met: "slow_readers_cut_off",
    outcome: "see the line above",
  },
  allStreamsBytes: {
    what: "What waits for the readers of all streams together",
    most: 1024 * MiB,
    unit: "bytes",
    setting: "max-streams-backlog",
    met: "slow_readers_cut_off",
    outcome: "the connection of the reader for whom the most waits is cut",
  },
  stallTimeoutMs: {
    what: "A reader of a large answer that takes nothing",
    most: 60_000,
    unit: "ms",
    met: "stalled_readers_cut_off",
    limit: "stalled-reader-time",
    outcome: "its connection is cut",
  },
  connections: {
    what: "Connections at a time",
    most: 20_000,
    setting: "max-connections",
    now: "connections",
    met: "connections_refused",
    outcome: "a new one is closed at once",
  },
} as const satisfies Record<string, Bound>;

/** Those that `--limits` sets. */
export type HttpLimits = Limits<typeof HTTP_BOUNDS>;

/** The same as numbers: bytes, milliseconds, and how many. */
export type Bounds = Record<keyof typeof HTTP_BOUNDS, number>;

export const defaultBounds: Bounds = mostOf(HTTP_BOUNDS);
