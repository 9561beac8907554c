import type { Log } from "@meseta/lib/core/ports/log.ts";
import type { HttpCounts } from "@meseta/lib/io/http/counts.ts";
import type { Verbosity } from "@meseta/lib/io/verbosity.ts";
import type { CronConfig } from "../core/config.ts";
import type { CronLoop } from "./loop.ts";

/** What an operator chose of the servers. */
export interface HttpSettings {
  /** `--http-credentials`: user:password; everybody may call without them. */
  readonly credentials?: string | undefined;
  /** `--access-control-allow-origin`: pages of these origins may call, and with `*` those of all others may read. */
  readonly allowOrigins: readonly string[];
  /** `--host-names`: further names that clients call it by where it listens on loopback only. */
  readonly hostNames?: readonly string[] | undefined;
  /** All settings as they are in force, for GET /info. */
  readonly flags: Readonly<Record<string, string>>;
}

/** What the handlers of both APIs share. */
export interface Front {
  readonly loop: CronLoop;
  readonly config: CronConfig;
  readonly http: HttpSettings;
  /** Of the servers that answer. */
  readonly counts: readonly HttpCounts[];
  /** Left out where nobody is told. */
  readonly notifier?: { readonly waiting: number; readonly dropped: number } | undefined;
  readonly verbosity: Verbosity;
  readonly log: Log;
  readonly startMs: number;
}
