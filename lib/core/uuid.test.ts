import fc from "fast-check";
import { expect, test } from "vitest";
import { createRandom } from "./random.ts";
import { clockUuid } from "./uuid.ts";

/** When a uuid of the clock was made, in ms since 1970. */
const timeOf = (uuid: string): number => {
  const [low, mid, high] = uuid.split("-") as [string, string, string];
  return Number(BigInt(`0x${high.slice(1)}${mid}${low}`) / 10_000n) - 12_219_292_800_000;
};

test("a uuid of the clock says when it was made, and that no machine made it", () => {
  const ms = fc.integer({ min: Date.UTC(1970, 0, 1), max: Date.UTC(2200, 0, 1) });
  fc.assert(
    fc.property(ms, fc.integer(), (nowMs, seed) => {
      const uuid = clockUuid(createRandom(seed).uuid(), nowMs);
      expect(uuid).toMatch(/^[\da-f]{8}-[\da-f]{4}-1[\da-f]{3}-[89ab][\da-f]{3}-[\da-f][13579bdf][\da-f]{10}$/);
      expect(timeOf(uuid)).toBe(nowMs);
    }),
  );
  expect(clockUuid("00000000-0000-4000-8000-000000000000", 0)).toBe("13814000-1dd2-11b2-8000-010000000000");
});

test("many that are made in one millisecond are different", () => {
  const random = createRandom(7);
  const uuids = new Set(Array.from({ length: 20_000 }, () => clockUuid(random.uuid(), 1_767_607_200_000)));
  expect(uuids.size).toBe(20_000);
});
