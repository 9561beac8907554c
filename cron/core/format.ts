import type { Format } from "@meseta/lib/core/format.ts";

/** Of cron's records. */
export const CRON_FORMAT: Format = { part: "cron", migrations: [] };
