import { expect, test } from "vitest";
import { Generations } from "./generations.ts";

const text = (length: number) => ({ text: "x".repeat(length) });

test("what is asked for stays, what nobody asks for goes when there is too much", () => {
  const kept = new Generations(10);
  const [asked, left, ...others] = Array.from({ length: 12 }, () => ({}));
  const first = text(4);
  kept.put(asked!, first);
  kept.put(left!, text(4));
  for (const other of others) {
    expect(kept.get(asked!)).toBe(first);
    kept.put(other, text(4));
  }
  expect(kept.get(left!)).toBeUndefined();
  expect(kept.get(asked!)).toBe(first);
});

test("the same key again is not counted twice", () => {
  const kept = new Generations(7);
  const [a, b] = [{}, {}];
  kept.put(b, text(2));
  for (let i = 0; i < 100; i++) kept.put(a, text(4));
  expect(kept.get(b)).toBeDefined();
});
