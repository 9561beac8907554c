import fc from "fast-check";
import { expect, test } from "vitest";
import { Backlog } from "./backlog.ts";

const MOST = 1600;

class Reader {
  waiting = 0;
  isCut = false;
  cut(): void {
    this.isCut = true;
    this.waiting = 0;
  }
}

function readers(count: number): { backlog: Backlog; all: Reader[]; write(to: number, bytes: number): void } {
  const backlog = new Backlog(MOST);
  const all = Array.from({ length: count }, () => new Reader());
  for (const reader of all) backlog.add(reader);
  const write = (to: number, bytes: number) => {
    if (all[to]!.isCut) return;
    all[to]!.waiting += bytes;
    backlog.wrote(bytes);
  };
  return { backlog, all, write };
}

test("when too much waits for all together, the one for whom the most waits is cut off, and nobody else", () => {
  const { all, write } = readers(3);
  write(0, 500);
  write(1, 900);
  write(2, 300);
  expect(all.map(({ isCut }) => isCut)).toEqual([false, true, false]);
});

test("readers who take what they get may be sent as much as they like", () => {
  const { all, write } = readers(2);
  for (let i = 0; i < 1_000; i++) {
    write(i % 2, 700);
    all[i % 2]!.waiting = 0;
  }
  expect(all.some(({ isCut }) => isCut)).toBe(false);
});

test("who has left counts no more", () => {
  const { backlog, all, write } = readers(2);
  write(0, 1500);
  backlog.remove(all[0]!);
  write(1, 1500);
  expect(all[1]!.isCut).toBe(false);
});

test("whatever is written and read, never more waits than the bound and a sixteenth of it, and one write", () => {
  const step = fc.record({ to: fc.nat(4), bytes: fc.integer({ min: 1, max: 400 }), reads: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const { all, write } = readers(5);
      for (const { to, bytes, reads } of steps) {
        if (reads) all[to]!.waiting = Math.floor(all[to]!.waiting / 2);
        write(to, bytes);
        expect(all.reduce((sum, { waiting }) => sum + waiting, 0)).toBeLessThanOrEqual(MOST + MOST / 16 + 400);
      }
    }),
  );
});
