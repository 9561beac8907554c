import type { LeastRate } from "@meseta/lib/io/http/paced.ts";

// What the agent's side and the process that fetches tell each other: one order as JSON on stdin, one outcome as JSON on stdout.

/** An order to bring files into a sandbox, or one file into the cache. The process runs as the sandbox's user. */
export type Order = {
  /** Whom the process becomes before it does anything; absent: it stays what it is. */
  readonly user?: FetchUser;
  /** The sandbox: an absolute path. What the process does is told in its file `stderr`. */
  readonly sandbox: string;
  /** A server that sends nothing for so long is given up. */
  readonly stallMs: number;
  readonly leastRate: LeastRate;
  /** The pause before the second try; each further one is twice as long. */
  readonly retryMs: number;
} & (
  | { readonly kind: "fetch"; readonly steps: readonly Step[] }
  /** `into` is a file that is there, empty, and the user's. */
  | { readonly kind: "cache"; readonly url: string; readonly into: string; readonly bytes: number }
);

/** A user of this machine; the name may be a number. */
export interface FetchUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** One file. */
export interface Step {
  /** How the URI is shown to people: without a password. */
  readonly uri: string;
  readonly from: { readonly url: string } | { readonly path: string } | { readonly cached: string };
  /** Its name in the sandbox: relative, and never leading out of it. */
  readonly name: string;
  readonly then: "executable" | "extract" | "leave";
  /** What happened to it so far, for the log. */
  readonly notes: readonly string[];
}

/** How it went; `failed` is a sentence for people. The validators are those of the answer that was stored. */
export type Outcome = { readonly failed: string } | Validators;

/** What a server says about a version of a file (RFC 9110, 8.8). */
export interface Validators {
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
}
