import { drawHistory, type History } from "../history.ts";
import { runJobs } from "../jobs.ts";
import { isContested, playHistory } from "../seed.ts";
import type { TenantName } from "../tenants/all.ts";
import type { HistoryKind } from "./mutant.ts";

/** The seed's history of that kind, if it has one. Rejects with what was noticed. */
export async function liveThrough(kind: HistoryKind, seed: number): Promise<void> {
  if (kind === "jobs") return void (await runJobs(seed));
  const history = drawHistory(seed, TENANTS_OF[kind], kind.endsWith("-losses") || undefined);
  if (IS_OF[kind]?.(history) !== false) await playHistory(history);
}

const TENANTS_OF: Partial<Record<HistoryKind, readonly TenantName[]>> = {
  init: ["init"],
  "init-losses": ["init"],
  cron: ["cron"],
  "cron-losses": ["cron"],
};

const IS_OF: Partial<Record<HistoryKind, (history: History) => boolean>> = {
  masters: ({ masters = 1 }) => masters > 1,
  contest: isContested,
};
