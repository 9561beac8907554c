import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { heldUntil, LeaseCells, pauseMs } from "./lease.ts";

const TWO_SECONDS = { seconds: 2 };
const MS = 1_000_000n;

describe("a lease", () => {
  it("is held for two thirds of it, from before the renewal was sent", () => {
    expect(heldUntil(5_000n * MS, TWO_SECONDS)).toBe(6_333_333_333n);
  });

  it("ends for its holder before it can end for etcd, whatever the way took and although our clock is slower by a quarter", () => {
    const cases = [
      fc.integer({ min: 0, max: 10_000 }),
      fc.integer({ min: 0, max: 1_000 }),
      fc.double({ min: 0.75, max: 2, noNaN: true }),
    ] as const;
    fc.assert(
      fc.property(...cases, (sentMs, wayMs, speed) => {
        const sentNs = BigInt(sentMs) * MS;
        const endsOursMs = Number(heldUntil(sentNs, TWO_SECONDS) - sentNs) / 1e6;
        const endsTheirsMs = wayMs + 2_000;
        // What our clock calls so many milliseconds takes that many of theirs.
        expect(endsOursMs / speed).toBeLessThan(endsTheirsMs);
      }),
    );
  });

  it("is renewed each sixth of it, and at once when a renewal took longer than that", () => {
    expect(pauseMs(0n, 100n * MS, TWO_SECONDS)).toBeCloseTo(233.33, 1);
    expect(pauseMs(0n, 400n * MS, TWO_SECONDS)).toBe(0);
  });

  it("is not held when its time is over, when it is another one, and when there is none", () => {
    const cells = new LeaseCells();
    expect(cells.holds(0, () => 0n)).toBe(false);
    cells.renewed(7, 100n);
    expect(cells.holds(7, () => 99n)).toBe(true);
    expect(cells.holds(7, () => 100n)).toBe(false);
    expect(cells.holds(8, () => 99n)).toBe(false);
  });

  it("that was over is not held again, although a later one is", () => {
    const cells = new LeaseCells();
    cells.renewed(7, 100n);
    cells.over();
    cells.renewed(8, 200n);
    expect(cells.holds(7, () => 50n)).toBe(false);
    expect(cells.holds(8, () => 50n)).toBe(true);
  });

  it("is seen by another thread through the same memory", () => {
    const [writer, reader] = (() => {
      const cells = new LeaseCells();
      return [cells, new LeaseCells(cells.buffer)];
    })();
    writer.renewed(7, 100n);
    expect(reader.holds(7, () => 99n)).toBe(true);
    expect(reader.id).toBe(7);
  });

  it("reads the clock after the lease: who is stopped between the two does not act on what was", () => {
    const cells = new LeaseCells();
    cells.renewed(7, 100n);
    let asked = 0;
    const frozenMeanwhile = () => {
      asked++;
      return 1_000n;
    };
    expect(cells.holds(7, frozenMeanwhile)).toBe(false);
    expect(asked).toBe(1);
  });
});
