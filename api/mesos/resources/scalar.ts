/**
 * A scalar in thousandths: round(value × 1000), halves away from zero. All arithmetic and all comparisons of scalars are done on
 * these integers, as Mesos does it, so 0.1 + 0.2 is 0.3 and 0.0004 is nothing.
 */
export function toMilli(value: number): number {
  return value < 0 ? 0 - Math.round(-value * 1000) : Math.round(value * 1000);
}

/** The number that travels on the wire for so many thousandths. */
export function fromMilli(milli: number): number {
  return milli / 1000;
}

/** The largest scalar whose thousandths are still exact: about 9 × 10¹². */
export const LARGEST_SCALAR = Number.MAX_SAFE_INTEGER / 1000;
