import type { App } from "@meseta/api/marathon/app.ts";
import type { StatsOf, TaskStats } from "@meseta/api/marathon/task.ts";
import type { Instance } from "../instance/instance.ts";
import { tally } from "./counts.ts";

/** Counts and life times of the app's tasks, by what they were started with. A category without tasks is left out. */
export function taskStatsOf(
  { versionInfo, healthChecks }: App,
  instances: Iterable<Instance>,
  nowMs: number,
): TaskStats {
  const all = [...instances];
  const { lastScalingAt, lastConfigChangeAt } = versionInfo;
  const stats = (those: readonly Instance[]) => statsOf(those, healthChecks.length > 0, nowMs);
  // Versions are times of one form, so that they can be compared as texts.
  const categories = {
    startedAfterLastScaling: stats(all.filter(({ version }) => version >= lastScalingAt)),
    withLatestConfig: stats(all.filter(({ configVersion }) => configVersion >= lastConfigChangeAt)),
    withOutdatedConfig: stats(all.filter(({ configVersion }) => configVersion < lastConfigChangeAt)),
    totalSummary: stats(all),
  };
  return Object.fromEntries(Object.entries(categories).filter(([, category]) => category !== undefined));
}

function statsOf(instances: readonly Instance[], hasChecks: boolean, nowMs: number): StatsOf | undefined {
  if (instances.length === 0) return undefined;
  const counts = tally(instances);
  const lives = instances.flatMap(({ startedAtMs }) =>
    startedAtMs === undefined ? [] : [(nowMs - startedAtMs) / 1000],
  );
  return {
    stats: {
      counts: hasChecks ? counts : { ...counts, healthy: 0, unhealthy: 0 },
      ...(lives.length > 0 && { lifeTime: { averageSeconds: average(lives), medianSeconds: median(lives) } }),
    },
  };
}

function average(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
