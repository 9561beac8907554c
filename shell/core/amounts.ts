// Sizes in the units of people: MiB from the wire become GiB, bytes become KiB and up, shares become percent.

/** An amount of mem or disk as the wire has it, in MiB: "512 MiB", "4 GiB", "3.2 GiB", "1.5 TiB". */
export function mebibytes(mib: number): string {
  return scaled(mib, ["MiB", "GiB", "TiB", "PiB"]);
}

/** Used and whole in the unit that suits the whole: "0.4 / 8 GiB". */
export function mebibytesOf(used: number, whole: number): string {
  const text = mebibytes(whole);
  const [size, unit] = text.split(" ") as [string, string];
  const factor = 1024 ** Math.max(0, ["MiB", "GiB", "TiB", "PiB"].indexOf(unit));
  return `${Math.round((10 * used) / factor) / 10} / ${size} ${unit}`;
}

export function bytes(count: number): string {
  return scaled(count, ["B", "KiB", "MiB", "GiB", "TiB"]);
}

/** A number without needless digits: at most three after the point, as the wire's fixed point has them. */
export function decimal(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}

/** The used share of a whole, as in "42%"; "-" when there is nothing to share. */
export function percent(used: number, total: number): string {
  return total > 0 ? `${Math.round((100 * used) / total)}%` : "-";
}

function scaled(value: number, units: readonly string[]): string {
  let index = 0;
  let size = value;
  while (Math.abs(size) >= 1024 && index < units.length - 1) {
    size /= 1024;
    index++;
  }
  return `${Math.round(size * 10) / 10} ${units[index]}`;
}

const SUFFIXES: Readonly<Record<string, number>> = { k: 1 / 1024, m: 1, g: 1024, t: 1024 * 1024 };

/** MiB of "512", "512m", "4g", "4GiB" or "1.5t"; a bare number is MiB. Undefined when it is none. */
export function parseMebibytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?$/i.exec(text.trim());
  if (!match) return undefined;
  return Number(match[1]) * (match[2] ? SUFFIXES[match[2].toLowerCase()]! : 1);
}
