import type { Format } from "@meseta/lib/core/format.ts";

/** Of the agent's records. It counts for all that an agent keeps in its folder, which only the process that has the records open touches. */
export const AGENT_FORMAT: Format = { part: "agent", migrations: [] };
