import { CRON_FORMAT } from "@meseta/cron/core/format.ts";
import { INIT_FORMAT } from "@meseta/init/core/format.ts";
import { AGENT_FORMAT } from "@meseta/kernel/core/agent/format.ts";
import { MASTER_FORMAT } from "@meseta/kernel/core/master/format.ts";
import { type FormattedStore, formatted } from "@meseta/lib/core/formatted.ts";
import type { Log } from "@meseta/lib/core/ports/log.ts";
import type { Store } from "@meseta/lib/core/ports/store.ts";
import { RELEASE } from "./release.ts";

const FORMATS = { master: MASTER_FORMAT, agent: AGENT_FORMAT, init: INIT_FORMAT, cron: CRON_FORMAT };

/** A part's store, which brings the records of older releases up when it is opened and refuses those of newer ones. `place` as an operator knows it. */
export function ofOurFormat(store: Store, part: keyof typeof FORMATS, place: string, log: Log): FormattedStore {
  const migrated = (from: number, to: number): void => log.info("The records were brought up", { place, from, to });
  return formatted(store, { format: FORMATS[part], release: RELEASE, place, migrated });
}
