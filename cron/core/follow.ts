import type { JobStats } from "./job.ts";

/** How often each parent has succeeded since the child last started; a parent that has not is absent. */
export type Round = Readonly<Record<string, number>>;

/**
 * One more success of a parent. The child is due when this fills the round: so each round gives one run, whatever the order, and successes of one parent
 * that run ahead give none. When the child starts its round is empty again. Source: Chronos' job graph.
 */
export function succeeded(round: Round, parents: readonly string[], parent: string): { round: Round; isDue: boolean } {
  const raised = { ...round, [parent]: countOf(round, parent) + 1 };
  const least = Math.min(...parents.map((other) => countOf(raised, other)));
  return { round: raised, isDue: countOf(raised, parent) === least };
}

/** Whether the latest run of every parent succeeded, after the job's own last success. Source: Metronome's dependencies. */
export function isReady(own: JobStats, parents: readonly JobStats[]): boolean {
  const since = own.lastSuccessMs ?? Number.NEGATIVE_INFINITY;
  return parents.every(
    ({ lastSuccessMs, lastErrorMs = Number.NEGATIVE_INFINITY }) =>
      lastSuccessMs !== undefined && lastSuccessMs > lastErrorMs && lastSuccessMs > since,
  );
}

// A parent may be called "constructor".
function countOf(round: Round, parent: string): number {
  return Object.hasOwn(round, parent) ? round[parent]! : 0;
}
