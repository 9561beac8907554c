import type { Log } from "@meseta/lib/core/ports/log.ts";
import type { HttpCounts } from "@meseta/lib/io/http/counts.ts";
import type { Verbosity } from "@meseta/lib/io/verbosity.ts";
import type { InitLimits } from "../core/bounds.ts";
import type { InitConfig } from "../core/config.ts";
import type { DressSettings } from "./dress.ts";
import type { InitLoop } from "./loop.ts";
import type { Previews } from "./preview.ts";

/** What an operator chose of the server. */
export interface HttpSettings {
  /** `--http-credentials`: user:password; everybody may call without them. */
  readonly credentials?: string | undefined;
  /** `--http-max-concurrent-requests`; any number unless said. */
  readonly mostRequests?: number | undefined;
  /** `--access-control-allow-origin`. */
  readonly allowOrigins: readonly string[];
  /** `--host-names`: further names that clients call it by where it listens on loopback only. */
  readonly hostNames?: readonly string[] | undefined;
  /** `--event-stream-max-outstanding-messages`. */
  readonly mostOutstanding: number;
  /** `--limits`; left out, the defaults. */
  readonly limits?: InitLimits | undefined;
  /** All settings as they are in force, for GET /config. */
  readonly flags: Readonly<Record<string, string>>;
}

/** What the handlers of init's API share. */
export interface Front {
  readonly loop: InitLoop;
  readonly config: InitConfig;
  readonly http: HttpSettings;
  /** Of the server that answers. */
  readonly counts: HttpCounts;
  readonly dress: DressSettings;
  readonly previews: Previews;
  readonly verbosity: Verbosity;
  readonly log: Log;
  readonly startMs: number;
  /** Steps down: the process ends a moment later, and its supervisor starts it again. */
  abdicate(): void;
}
