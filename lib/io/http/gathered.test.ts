import { expect, test } from "vitest";
import { Gathered, LARGE_BYTES } from "./gathered.ts";

test("a body is the same as a whole and in blocks, whatever it came in", () => {
  for (const sizes of [[], [5], [3, 4], [LARGE_BYTES, 1], [LARGE_BYTES - 1, 2, LARGE_BYTES * 2, 7]]) {
    const gathered = new Gathered();
    const parts = sizes.map((size, i) => new Uint8Array(size).fill(i + 1));
    for (const part of parts) gathered.add(part);
    const all = Buffer.concat(parts);
    expect(gathered.length).toBe(all.length);
    expect(gathered.isLarge).toBe(all.length > LARGE_BYTES);
    expect(all.equals(gathered.whole())).toBe(true);
    expect(all.equals(Buffer.concat(gathered.blocks()))).toBe(true);
  }
});

test("what has memory of its own and is no crumb is kept as it came, in its place; of the rest copies are made", () => {
  const gathered = new Gathered();
  const [own, shared, crumb] = [new Uint8Array(9_000), new Uint8Array(20_000).subarray(9), new Uint8Array(3)];
  for (const [i, part] of [crumb, own, shared, crumb].entries()) gathered.add(part.fill(i + 1));
  const blocks = gathered.blocks();
  expect(blocks.map(({ length }) => length)).toEqual([3, 9_000, 19_994]);
  expect(blocks[1]).toBe(own);
  for (const { buffer, length } of blocks) expect(buffer.byteLength).toBe(length);
});

test("a body in crumbs has few blocks", () => {
  const gathered = new Gathered();
  for (let i = 0; i < 40_000; i++) gathered.add(new Uint8Array(60));
  expect(gathered.blocks().length).toBeLessThan(4);
});
