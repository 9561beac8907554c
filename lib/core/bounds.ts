import { type Bound, type Limits, WHY } from "./bound.ts";

/** What every part's loop and every reader of its streams is bounded by. */
export const LOOP_BOUNDS = {
  queuedEvents: {
    what: "Events that wait to be applied",
    most: 1_000_000,
    now: "events_queued",
    met: "events_refused",
    limit: "events-queued",
    outcome: "503",
  },
  recordBytes: {
    what: "One record of a stream that this part reads",
    most: 64 * 1024 * 1024,
    unit: "bytes",
    fixed: "what agents, init and cron are sent does not come near it",
    unseen: "the log says why a stream was given up",
    outcome: "the stream is given up, and opened again",
  },
  waitingCalls: {
    what: "Calls of this part to a master that wait for their turn",
    most: 100_000,
    fixed: "whoever has more of them waiting has lost its master",
    unseen: WHY.told,
    outcome: "the call fails at once",
  },
  sentCalls: {
    what: "Of them those that are sent and not answered",
    most: 512,
    fixed: WHY.slice,
    unseen: WHY.slice,
    outcome: "the others wait",
  },
  answerBytes: {
    what: "The answer to one of them",
    most: 16 * 1024 * 1024,
    unit: "bytes",
    fixed: "a call is answered with a sentence, if at all",
    unseen: WHY.told,
    outcome: "the call fails with the reason",
  },
  answerHeadBytes: {
    what: "Its head",
    most: 64 * 1024,
    unit: "bytes",
    fixed: "servers send less",
    unseen: WHY.told,
    outcome: "the call fails with the reason",
  },
  patternCharacters: {
    what: "A regular expression of a user",
    most: 4096,
    fixed: "it bounds how long one look at a text takes",
    unseen: WHY.told,
    outcome: "it is refused with the reason",
  },
  patternSteps: {
    what: "The steps of such an expression, each of which costs time with each character",
    most: 5000,
    fixed: "it bounds how long one look at a text takes",
    unseen: WHY.told,
    outcome: "it is refused with the reason",
  },
  patterns: {
    what: "Compiled expressions that are kept",
    most: 1000,
    fixed: WHY.cache,
    unseen: WHY.cache,
    outcome: "all are compiled anew when needed",
  },
} as const satisfies Record<string, Bound>;

/** Those that `--limits` sets. */
export type LoopLimits = Limits<typeof LOOP_BOUNDS>;
