import { drawHistory } from "./history.ts";
import { runJobs } from "./jobs.ts";
import { playHistory } from "./seed.ts";
import type { TenantName } from "./tenants/all.ts";

/** Which histories a seed stands for. */
export interface Choice {
  /** Frameworks of the house in each; unless said, an init or a cron in some. */
  readonly tenants?: readonly TenantName[] | undefined;
  /** With a history of Jepsen's jobs for each seed; unless said, for each fifth when no tenants are named. */
  readonly jobs?: boolean | undefined;
  /** So many masters in the histories of jobs, on an etcd; unless said, one on a disk of its own. */
  readonly masters?: number | undefined;
}

/** What came of one history. */
export interface Played {
  readonly seed: number;
  /** One of Jepsen's jobs. */
  readonly isOfJobs: boolean;
  /** Steps of the world. */
  readonly events: number;
  /** How often each kind of fault happened. */
  readonly faults: Readonly<Record<string, number>>;
  readonly updates: number;
  /** Runs of Jepsen's jobs, and how many of them were demanded. */
  readonly runs: number;
  readonly demanded: number;
  readonly simulatedMs: number;
  /** The promise that was broken, if any. */
  readonly violation?: string | undefined;
}

/** Plays the histories that a seed stands for. Never rejects: a violation is a part of what is returned. */
export async function playSeed(seed: number, { tenants, jobs, masters }: Choice): Promise<Played[]> {
  const first = await played(seed, false, async () => {
    const outcome = await playHistory(drawHistory(seed, tenants));
    const { steps: events, kinds: faults, updates, simulatedMs } = outcome;
    return { events, faults, updates, runs: 0, demanded: 0, simulatedMs };
  });
  if (!hasJobs(seed, { tenants, jobs })) return [first];
  const second = await played(seed, true, async () => {
    const { steps: events, kinds: faults, attempts: runs, demanded, simulatedMs } = await runJobs(seed, { masters });
    return { events, faults, updates: 0, runs, demanded, simulatedMs };
  });
  return [first, second];
}

/** Whether this seed has a history of Jepsen's jobs as well. */
export function hasJobs(seed: number, { tenants, jobs }: Choice): boolean {
  return jobs ?? (tenants === undefined && seed % 5 === 3);
}

async function played(
  seed: number,
  isOfJobs: boolean,
  play: () => Promise<Omit<Played, "seed" | "isOfJobs">>,
): Promise<Played> {
  try {
    return { seed, isOfJobs, ...(await play()) };
  } catch (error) {
    const nothing = { events: 0, faults: {}, updates: 0, runs: 0, demanded: 0, simulatedMs: 0 };
    return { seed, isOfJobs, ...nothing, violation: (error as Error).message };
  }
}
