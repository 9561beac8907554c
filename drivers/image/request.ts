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
  /** Docker config files, their text or an absolute path: the image's own, then the agent's. */
  readonly dockerConfigs: readonly string[];
  readonly keepFree: number;
  readonly maxBytes: number;
  readonly maxEntries: number;
  readonly stallMs: number;
}

/** Its last line on stdout. */
export type PullAnswer = { readonly pulled: Pulled } | { readonly failed: string };
