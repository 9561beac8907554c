/** The middle of the values; of an even number of them the upper one. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which the share `at` (0 to 1) of the values lies. NaN when there are none. */
export function quantile(values: readonly number[], at: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(at * sorted.length))] ?? Number.NaN;
}

/** "12,345 /s" */
export function rate(perSecond: number): string {
  return `${Math.round(perSecond).toLocaleString("en")} /s`;
}

/** "1.25 ms" */
export function millis(ms: number): string {
  return `${ms.toFixed(ms < 10 ? 2 : 1)} ms`;
}

/** "12.3 MiB" */
export function mebibytes(kibibytes: number): string {
  return `${(kibibytes / 1024).toFixed(1)} MiB`;
}

/** One line of a bench: a name, a number, and what stands beside it. */
export function line(name: string, value: string, ...beside: string[]): void {
  console.log(`${name.padEnd(34)} ${value.padStart(14)}   ${beside.join("; ")}`);
}

/** CPU time of this process, all threads, in milliseconds: it hardly changes when neighbours are busy. */
export function cpuMs(since?: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}
