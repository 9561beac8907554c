import type { RLimit } from "@meseta/kernel/core/agent/ports.ts";
import { rlimitOf } from "../../cgroups/limits.ts";

/** `process.rlimits`; values are decimal texts, as unlimited is more than a number of JavaScript holds exactly. */
export interface OciRlimit {
  readonly type: string;
  readonly soft: string;
  readonly hard: string;
}

/** The rlimits asked for; all others are the agent's. Those of unknown types are left out: they were refused before. */
export function rlimits(asked: readonly RLimit[] = []): OciRlimit[] {
  return asked.flatMap((limit) => {
    const known = rlimitOf(limit);
    return known ? [{ type: limit.type.replace(/^RLMT_/, "RLIMIT_"), soft: known.soft, hard: known.hard }] : [];
  });
}
