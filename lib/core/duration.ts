const UNITS_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  ms: 1,
  secs: 1_000,
  mins: 60_000,
  hrs: 3_600_000,
  days: 86_400_000,
  weeks: 604_800_000,
};

/** Reads a duration as Mesos' flags write it (`15secs`, `1.5mins`, `1weeks`); milliseconds, or undefined when it is none. */
export function parseDurationMs(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ns|us|ms|secs|mins|hrs|days|weeks)$/.exec(text);
  return match === null ? undefined : Number(match[1]) * UNITS_MS[match[2]!]!;
}

/** Writes a duration in the largest unit that leaves a whole number: 5000 is `5secs`, 900000 is `15mins`. */
export function formatDurationMs(ms: number): string {
  for (const [unit, size] of Object.entries(UNITS_MS).reverse())
    if (ms >= size && Number.isInteger(ms / size)) return `${ms / size}${unit}`;
  return `${ms}ms`;
}
