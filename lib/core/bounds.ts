import type { Bound } from "./bound.ts";

/** What every part's loop and every reader of its streams is bounded by. */
export const LOOP_BOUNDS = {
  queuedEvents: {
    what: "Events that wait to be applied",
    most: 1_000_000,
    now: "events_queued",
    met: "events_refused",
    outcome: "503",
  },
  recordBytes: {
    what: "One record of a stream that this part reads",
    most: 64 * 1024 * 1024,
    unit: "bytes",
    outcome: "the stream is given up, and opened again",
  },
  patternCharacters: { what: "A regular expression of a user", most: 4096, outcome: "it is refused with the reason" },
  patternSteps: {
    what: "The steps of such an expression, each of which costs time with each character",
    most: 5000,
    outcome: "it is refused with the reason",
  },
  patterns: { what: "Compiled expressions that are kept", most: 1000, outcome: "all are compiled anew when needed" },
} as const satisfies Record<string, Bound>;
