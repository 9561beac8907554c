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
