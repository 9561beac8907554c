import type { Embed } from "./definition/embed.ts";

/** What a client wants to see: one member for each reading endpoint of both APIs that looks at the state. Source: Chronos' and Metronome's REST APIs. */
export type Query = ChronosQuery | MetronomeQuery;

export type ChronosQuery =
  | { readonly kind: "chronos-jobs" }
  | { readonly kind: "chronos-summary" }
  | { readonly kind: "chronos-search"; readonly search: Search }
  | { readonly kind: "chronos-job"; readonly name: string }
  | { readonly kind: "chronos-stat"; readonly name: string }
  /** `which` as in the path: `99thPercentile`, `median`. */
  | { readonly kind: "chronos-stats"; readonly which: string }
  | { readonly kind: "chronos-graph"; readonly format: "csv" | "dot" };

export interface Search {
  /** Case-insensitive parts; each that is given must hold, and `any` saves whom the others refuse. */
  readonly name?: string;
  readonly command?: string;
  readonly any?: string;
  readonly limit: number;
  readonly offset: number;
}

export type MetronomeQuery =
  | { readonly kind: "jobs"; readonly embed: ReadonlySet<Embed> }
  | { readonly kind: "job"; readonly id: string; readonly embed: ReadonlySet<Embed> }
  | { readonly kind: "schedules"; readonly job: string }
  | { readonly kind: "schedule"; readonly job: string; readonly schedule: string }
  /** Of runs that have not ended. */
  | { readonly kind: "runs"; readonly job: string }
  | { readonly kind: "run"; readonly job: string; readonly run: string }
  | { readonly kind: "queue" }
  /** GET /v1/jobs/{id}/history, a Meseta extension: runs of all kinds, the newest first, as RunRecord of api/metronome/history.ts. */
  | { readonly kind: "history"; readonly job: string; readonly limit: number }
  /** GET /v1/jobs/{id}/explain, a Meseta extension: as JobExplanation of api/metronome/history.ts. */
  | { readonly kind: "explain"; readonly job: string };

/** What is shown: pieces of one JSON (or text) document, made as they are asked for. All of them are of the time of the reading, whatever happens since. */
export interface Reading {
  readonly status: number;
  readonly isText?: boolean;
  readonly pieces: Iterable<string>;
}
