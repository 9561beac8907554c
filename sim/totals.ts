import type { Played } from "./played.ts";

/** What many histories came to. */
export interface Totals {
  histories: number;
  /** Steps of their worlds. */
  events: number;
  simulatedMs: number;
  updates: number;
  /** Histories of Jepsen's jobs among them, their runs, and how many of these were demanded. */
  jobs: number;
  runs: number;
  demanded: number;
  faults: Record<string, number>;
  violations: { seed: number; message: string }[];
}

export function noTotals(): Totals {
  const nothing = { histories: 0, events: 0, simulatedMs: 0, updates: 0, jobs: 0, runs: 0, demanded: 0 };
  return { ...nothing, faults: {}, violations: [] };
}

/** Adds what came of one history. */
export function addPlayed(totals: Totals, { seed, isOfJobs, violation, ...played }: Played): void {
  totals.histories++;
  if (isOfJobs) totals.jobs++;
  for (const what of ["events", "simulatedMs", "updates", "runs", "demanded"] as const) totals[what] += played[what];
  addFaults(totals, played.faults);
  if (violation !== undefined) totals.violations.push({ seed, message: violation });
}

/** Adds what others came to; an older ledger does not say what was demanded. */
export function addTotals(totals: Totals, other: Totals): void {
  for (const what of ["histories", "events", "simulatedMs", "updates", "jobs", "runs", "demanded"] as const)
    totals[what] += other[what] ?? 0;
  addFaults(totals, other.faults);
  totals.violations.push(...other.violations);
}

/** In a few lines. `realMs`: how long it took, if that is known. */
export function totalsText(totals: Totals, realMs?: number): string {
  const { histories, events, updates, jobs, runs, demanded, simulatedMs, violations, faults } = totals;
  const count = Object.values(faults).reduce((sum, each) => sum + each, 0);
  const ratio = realMs === undefined ? "" : `, ${(simulatedMs / realMs).toFixed(0)} times as fast as it is lived`;
  const kinds = Object.entries(faults).sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
  return [
    `${grouped(histories)} histories (${grouped(jobs)} of Jepsen's jobs, with ${grouped(runs)} runs, of which ${grouped(demanded)} were demanded), ${grouped(events)} events, ${grouped(updates)} updates`,
    `${spanText(simulatedMs)} simulated${ratio}`,
    `${grouped(count)} faults: ${kinds.map(([kind, each]) => `${kind} ${grouped(each)}`).join(", ")}`,
    `${grouped(violations.length)} violations`,
  ].join("\n");
}

function addFaults(totals: Totals, faults: Readonly<Record<string, number>>): void {
  for (const [kind, count] of Object.entries(faults)) totals.faults[kind] = (totals.faults[kind] ?? 0) + count;
}

const grouped = (count: number): string => count.toLocaleString("en-US");

function spanText(ms: number): string {
  const hours = ms / 3_600_000;
  if (hours < 48) return `${hours.toFixed(1)} hours`;
  return hours < 24 * 365 ? `${(hours / 24).toFixed(1)} days` : `${(hours / 24 / 365).toFixed(2)} years`;
}
