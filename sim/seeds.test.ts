import { expect, it } from "vitest";
import { drawHistory, type History } from "./history.ts";
import { playHistory } from "./seed.ts";
import { addPlayed, noTotals, totalsText } from "./totals.ts";

const AT_LEAST = 300;
/** Where these are fewer by then, more are played. */
const BUDGET_MS = 60_000;
/** Of what takes longer than most only so many, so that all fit into two minutes of one core. */
const MOST = { large: 2, init: 6, several: 70, small: Number.POSITIVE_INFINITY };

it("no history breaks a promise: I1 to I10 after every step, and rest after the last fault", {
  timeout: 1_800_000,
}, async () => {
  const endMs = performance.now() + BUDGET_MS;
  const totals = noTotals();
  for (const history of chosen()) {
    if (totals.histories >= AT_LEAST && performance.now() > endMs) break;
    const { steps: events, kinds: faults, ...outcome } = await playHistory(history);
    addPlayed(totals, { ...outcome, isOfJobs: false, runs: 0, events, faults });
  }
  console.log(totalsText(totals));
  expect(totals.updates).toBeGreaterThan(totals.histories);
});

/** The histories of all seeds from 1 on, without those of which there were enough. */
function* chosen(): Generator<History> {
  const left = { ...MOST };
  for (let seed = 1; ; seed++) {
    const history = drawHistory(seed);
    if (left[kindOf(history)]-- > 0) yield history;
  }
}

function kindOf({ agents, tenants, masters }: History): keyof typeof MOST {
  if (agents > 5) return "large";
  if (tenants.includes("init")) return "init";
  return masters === undefined ? "small" : "several";
}
