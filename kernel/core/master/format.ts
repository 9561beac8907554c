import type { Format } from "@meseta/lib/core/format.ts";

/** Of the master's records. */
export const MASTER_FORMAT: Format = { part: "master", migrations: [] };
