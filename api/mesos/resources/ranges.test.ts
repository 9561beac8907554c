import fc from "fast-check";
import { expect, test } from "vitest";
import {
  addRanges,
  containsRanges,
  countRanges,
  equalRanges,
  intersectRanges,
  normaliseRanges,
  rangesOverlap,
  subtractRanges,
} from "./ranges.ts";

const range = fc.tuple(fc.nat(40), fc.nat(8)).map(([begin, more]) => ({ begin, end: begin + more }));
const ranges = fc.array(range, { maxLength: 8 });

// The slow and obvious model: all the numbers, one by one.
function numbers(list: readonly { begin: number; end: number }[]): Set<number> {
  return new Set(list.flatMap(({ begin, end }) => Array.from({ length: end - begin + 1 }, (_, i) => begin + i)));
}

test("adding, subtracting and intersecting ranges is adding, subtracting and intersecting the numbers in them", () => {
  fc.assert(
    fc.property(ranges, ranges, (a, b) => {
      const [left, right] = [numbers(a), numbers(b)];
      expect(numbers(addRanges(a, b))).toEqual(left.union(right));
      expect(numbers(subtractRanges(a, b))).toEqual(left.difference(right));
      expect(numbers(intersectRanges(a, b))).toEqual(left.intersection(right));
    }),
  );
});

test("containing, counting and equality are those of the numbers", () => {
  fc.assert(
    fc.property(ranges, ranges, (a, b) => {
      const [left, right] = [numbers(a), numbers(b)];
      expect(containsRanges(a, b)).toBe(right.isSubsetOf(left));
      expect(countRanges(a)).toBe(left.size);
      expect(equalRanges(a, b)).toBe(left.size === right.size && left.isSubsetOf(right));
      expect(containsRanges(addRanges(a, b), b)).toBe(true);
    }),
  );
});

test("every result is sorted, without overlaps and with neighbours joined", () => {
  fc.assert(
    fc.property(ranges, ranges, (a, b) => {
      for (const result of [addRanges(a, b), subtractRanges(a, b), intersectRanges(a, b)])
        expect(normaliseRanges(result)).toEqual(result);
      expect(rangesOverlap(normaliseRanges(a))).toBe(false);
      expect(rangesOverlap(a)).toBe(countRanges(a) < a.reduce((n, { begin, end }) => n + end - begin + 1, 0));
    }),
  );
});

test("both ends belong to a range", () => {
  expect(countRanges([{ begin: 31000, end: 32000 }])).toBe(1001);
  expect(subtractRanges([{ begin: 1, end: 5 }], [{ begin: 3, end: 3 }])).toEqual([
    { begin: 1, end: 2 },
    { begin: 4, end: 5 },
  ]);
});

test("ranges that are in order already are not copied", () => {
  const ordered = [
    { begin: 1, end: 2 },
    { begin: 4, end: 9 },
  ];
  expect(normaliseRanges(ordered)).toBe(ordered);
});
