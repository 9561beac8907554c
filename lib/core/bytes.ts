const UNITS: Readonly<Record<string, number>> = { B: 1, KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };

/** Reads an amount as Mesos' flags write it (`2GB`, `512MB`, `100B`; a KB has 1,024); bytes, or undefined when it is none. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d{1,12})(B|KB|MB|GB|TB)$/.exec(text);
  const bytes = match === null ? Number.NaN : Number(match[1]) * UNITS[match[2]!]!;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Writes an amount in the largest unit that leaves a whole number: 2147483648 is `2GB`, 1025 is `1025B`. */
export function formatBytes(bytes: number): string {
  for (const [unit, size] of Object.entries(UNITS).reverse())
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  return `${bytes}B`;
}
