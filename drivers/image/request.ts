import type { LeastRate } from "@meseta/lib/io/http/paced.ts";
import type { Platform } from "./manifest.ts";
import type { Pulled } from "./pull.ts";

/** What a pull is told on its stdin, as JSON. */
export interface PullRequest {
  readonly dir: string;
  readonly id: string;
  /** As users write it; the agent has parsed it before. */
  readonly name: string;
  readonly platform: Platform;
  /** The agent's registry setting, as it was written. */
  readonly registry?: string | undefined;
  /** The text of a Docker config file for this image alone: its user's, so never a path. */
  readonly credentials?: string | undefined;
  /** The agent's Docker config file, its text or its absolute path. */
  readonly dockerConfig?: string | undefined;
  readonly keepFree: number;
  readonly maxBytes: number;
  readonly maxEntries: number;
  readonly stallMs: number;
  readonly leastRate: LeastRate;
}

/** Its last line on stdout. */
export type PullAnswer =
  | { readonly pulled: Pulled }
  /** `slow`: the registry kept it waiting; what has come is kept, and gone on with by the next try. */
  | { readonly failed: string; readonly slow?: boolean };
