import { drawHistory } from "../history.ts";
import { runJobs } from "../jobs.ts";
import { playHistory } from "../seed.ts";
import type { HistoryKind } from "./mutant.ts";

/** The seed's history of that kind, if there is one. Rejects with what was noticed. */
export async function liveThrough(kind: HistoryKind, seed: number): Promise<void> {
  if (kind === "jobs") return void (await runJobs(seed));
  const history = drawHistory(seed, kind === "any" || kind === "masters" ? undefined : [kind]);
  if (kind !== "masters" || (history.masters ?? 1) > 1) await playHistory(history);
}
