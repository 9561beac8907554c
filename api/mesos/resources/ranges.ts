import type { ValueRange } from "../generated/mesos.ts";

type Ranges = readonly ValueRange[];

/** Sorted, without overlaps, neighbours joined, empty ranges (begin > end) dropped. Both ends belong to a range. Returns the argument itself when it is in this form already. */
export function normaliseRanges(ranges: Ranges): Ranges {
  if (isNormal(ranges)) return ranges;
  const sorted = ranges.filter((range) => range.begin <= range.end).sort((a, b) => a.begin - b.begin);
  const out: ValueRange[] = [];
  for (const { begin, end } of sorted) {
    const last = out.at(-1);
    if (last !== undefined && begin <= last.end + 1) last.end = Math.max(last.end, end);
    else out.push({ begin, end });
  }
  return out;
}

/** The union. */
export function addRanges(a: Ranges, b: Ranges): Ranges {
  if (b.length === 0) return normaliseRanges(a);
  if (a.length === 0) return normaliseRanges(b);
  return normaliseRanges([...a, ...b]);
}

/** What is in `a` and not in `b`. */
export function subtractRanges(a: Ranges, b: Ranges): Ranges {
  const holes = normaliseRanges(b);
  const out: ValueRange[] = [];
  let next = 0;
  for (const { begin, end } of normaliseRanges(a)) {
    let from = begin;
    while (next < holes.length && holes[next]!.end < begin) next++;
    for (let i = next; i < holes.length && holes[i]!.begin <= end; i++) {
      const hole = holes[i]!;
      if (hole.begin > from) out.push({ begin: from, end: hole.begin - 1 });
      from = hole.end + 1;
    }
    if (from <= end) out.push({ begin: from, end });
  }
  return out;
}

/** Whether every number of `b` is in `a`. */
export function containsRanges(a: Ranges, b: Ranges): boolean {
  if (a === b) return true;
  const whole = normaliseRanges(a);
  let next = 0;
  for (const { begin, end } of normaliseRanges(b)) {
    while (next < whole.length && whole[next]!.end < begin) next++;
    const candidate = whole[next];
    if (candidate === undefined || candidate.begin > begin || candidate.end < end) return false;
  }
  return true;
}

/** What is in both. */
export function intersectRanges(a: Ranges, b: Ranges): Ranges {
  const left = normaliseRanges(a);
  const right = normaliseRanges(b);
  const out: ValueRange[] = [];
  for (let i = 0, j = 0; i < left.length && j < right.length; ) {
    const begin = Math.max(left[i]!.begin, right[j]!.begin);
    const end = Math.min(left[i]!.end, right[j]!.end);
    if (begin <= end) out.push({ begin, end });
    if (left[i]!.end < right[j]!.end) i++;
    else j++;
  }
  return out;
}

/** How many numbers there are. */
export function countRanges(ranges: Ranges): number {
  let count = 0;
  for (const { begin, end } of normaliseRanges(ranges)) count += end - begin + 1;
  return count;
}

/** Whether some number is named twice. */
export function rangesOverlap(ranges: Ranges): boolean {
  const sorted = [...ranges].sort((a, b) => a.begin - b.begin);
  return sorted.some((range, i) => i > 0 && range.begin <= sorted[i - 1]!.end);
}

export function equalRanges(a: Ranges, b: Ranges): boolean {
  if (a === b) return true;
  const left = normaliseRanges(a);
  const right = normaliseRanges(b);
  if (left.length !== right.length) return false;
  return left.every((range, i) => range.begin === right[i]!.begin && range.end === right[i]!.end);
}

function isNormal(ranges: Ranges): boolean {
  for (let i = 0; i < ranges.length; i++) {
    const range = ranges[i]!;
    if (range.begin > range.end) return false;
    if (i > 0 && range.begin <= ranges[i - 1]!.end + 1) return false;
  }
  return true;
}
