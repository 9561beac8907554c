import type { Format } from "@meseta/lib/core/format.ts";

/** Of init's records. */
export const INIT_FORMAT: Format = { part: "init", migrations: [] };
